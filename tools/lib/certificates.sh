# shellcheck shell=bash disable=SC2154  # $run comes from the script
# A CA of its own for one instance, and the certificates that it gives, by the openssl program. Needs say.sh and process.sh.
#
# $run/tls/NAME.crt, NAME.key   of each of `identities`
# $run/tls/ca.crt               the CAs that all of them trust
# $run/tls/crl                  what is revoked, where OpenSSL looks for it: HASH.r0, HASH.r1, … of which the newest counts
#
# All of it may change under processes that read it. NAME.crt and NAME.key lead through one link to the folder of the pair,
# and that link is renamed: never is there a certificate with the key of another. A list of what is revoked has a new name
# each time, because OpenSSL does not read the same file again.

readonly trust_domain=xixinting.internal
readonly identities=(services/intake services/referral services/notification edge toolbox probe)
certificate_days=30
readonly authority_days=3650

# Makes the CA and a pair for everybody, the first time; renews what ends within a week.
make_certificates() {
  local identity
  (umask 077 && mkdir -p "$run/tls"/{authorities,crl,issued})
  [[ -s $run/tls/ca.crt ]] || add_authority
  for identity in "${identities[@]}"; do
    openssl x509 -noout -checkend $((7 * 86400)) -in "$run/tls/${identity##*/}.crt" >/dev/null 2>&1 ||
      renew_certificate "$identity"
  done
}

# Makes a CA, which gives all certificates from now on. Those before it stay trusted until retire_authorities. Certificates
# are to be renewed when everybody has read ca.crt again.
add_authority() {
  local made
  made=$(mktemp -d "$run/tls/authorities/XXXXXX")
  : >"$made/index.txt"
  echo 01 >"$made/crlnumber"
  write_books "$made"
  # With a name of its own, by which its lists are found.
  sign "$made" "$made" "CA ${made##*/}" "$authority_days" -extensions root -selfsign -keyfile "$made/tls.key"
  point "$run/tls/authority" "authorities/${made##*/}"
  trust_authorities
  # Nothing is revoked yet. Older than any other, for of two lists of one second the second would not count.
  publish_revoked -crl_lastupdate "$(at '-1 day')"
}

# Ends the trust in all CAs but the last, and forgets their keys.
retire_authorities() {
  local old
  for old in "$run/tls/authorities"/*; do
    [[ $old -ef $run/tls/authority ]] || rm -r "$old"
  done
  trust_authorities
}

trust_authorities() {
  cat "$run/tls/authorities"/*/tls.crt >"$run/tls/ca.crt.next"
  mv "$run/tls/ca.crt.next" "$run/tls/ca.crt"
}

# renew_certificate IDENTITY: gives it another key and certificate.
renew_certificate() {
  local -r tls=$run/tls name=${1##*/}
  local made before old
  made=$(mktemp -d "$tls/issued/$name.XXXXXX")
  # It is called by the name of this machine, and in a cluster by those of its Services.
  write_books "$tls/authority" \
    "URI:spiffe://$trust_domain/$1, DNS:localhost, IP:127.0.0.1, DNS:$name-pods, DNS:$name-grpc"
  sign "$tls/authority" "$made" "$name" "$certificate_days" -extensions leaf
  before=$(readlink "$tls/issued/$name") || before=none
  point "$tls/issued/$name" "${made##*/}"
  [[ -L $tls/$name.crt ]] || ln -s "issued/$name/tls.crt" "$tls/$name.crt"
  [[ -L $tls/$name.key ]] || ln -s "issued/$name/tls.key" "$tls/$name.key"
  # The last one stays: somebody may just be opening it.
  for old in "$tls/issued/$name".??????; do
    [[ $old == "$made" || ${old##*/} == "$before" ]] || rm -r "$old"
  done
}

# revoke_certificate IDENTITY: says that what it has now is not to be believed. It must be of the last CA.
revoke_certificate() {
  write_books "$run/tls/authority"
  quietly openssl ca -config "$run/tls/authority/openssl.cnf" -revoke "$run/tls/${1##*/}.crt"
  wait_until 3 a_second_after "$run/tls/authority/published"
  publish_revoked
}

# Publishes what is revoked; OPTIONs are openssl's.
publish_revoked() {
  local -r authority=$run/tls/authority crl=$run/tls/crl
  local made hash number=0
  made=$(mktemp "$crl/.XXXXXX")
  quietly openssl ca -config "$authority/openssl.cnf" -gencrl -crldays "$authority_days" -out "$made" "$@"
  (($#)) || date +%s >"$authority/published"
  hash=$(openssl crl -noout -hash -in "$made")
  while [[ -e $crl/$hash.r$number ]]; do number=$((number + 1)); done
  mv "$made" "$crl/$hash.r$number"
}

# True if the time that FILE says is over; also if there is no such file.
a_second_after() {
  [[ ! -e $1 ]] || (($(date +%s) > $(<"$1")))
}

# sign BOOKS FOLDER NAME DAYS OPTION...: makes FOLDER/tls.key and what the CA of these books says of it, FOLDER/tls.crt.
sign() {
  local -r config=$1/openssl.cnf folder=$2 name=$3 days=$4
  shift 4
  quietly openssl req -new -config "$config" -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc \
    -keyout "$folder/tls.key" -out "$folder/request" -subj "/O=Xixinting/CN=$name"
  # From yesterday on: a clock may be behind.
  quietly openssl ca -config "$config" -batch -notext -in "$folder/request" -outdir "$folder" \
    -startdate "$(at '-1 day')" -enddate "$(at "+$days days")" "$@"
  rm "$folder/request"
  mv "$folder"/*.pem "$folder/tls.crt"
}

# write_books AUTHORITY [NAMES]: writes what openssl must know of a CA; NAMES are those of the next leaf.
write_books() {
  cat >"$1/openssl.cnf" <<CONF
[req]
distinguished_name = name
[name]
[ca]
default_ca = authority
[authority]
certificate = $1/tls.crt
private_key = $1/tls.key
database = $1/index.txt
crlnumber = $1/crlnumber
rand_serial = yes
unique_subject = no
default_md = sha256
policy = policy
[policy]
organizationName = supplied
commonName = supplied
[root]
basicConstraints = critical, CA:true, pathlen:0
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[leaf]
basicConstraints = critical, CA:false
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth, clientAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
${2:+subjectAltName = $2}
CONF
}

# Prints when that is, as openssl writes it.
at() {
  date --utc --date="$1" +%Y%m%d%H%M%SZ
}

# Makes LINK lead to TARGET, in one step.
point() {
  ln -sfn "$2" "$1.next"
  mv --no-target-directory "$1.next" "$1"
}

# Runs COMMAND; what it says is told only if it fails.
quietly() {
  local said
  said=$("$@" 2>&1) || fail "$*: $said"
}
