#!/bin/sh
# look.sh HOST:PORT CLIENTS DAYS - does the edge answer, and will it still let callers in DAYS days from now?
#
# CLIENTS is the folder of ca.crt, whose certificates it takes, and ca.crl, what of them is revoked: after the end of any of
# these it lets nobody in. Says what is wrong; exit 1 if anything is.
set -eu

address=$1
clients=$2
days=$3
soon=$(($(date +%s) + days * 86400))

# Reads when WHAT ends, a line each, and says which ends are near, or that there is none.
judge() {
  ends=$(cat)
  if [ -z "$ends" ]; then
    echo "there is no $1"
    return
  fi
  echo "$ends" | while IFS= read -r end; do
    at=$(date --date="$end" +%s 2>/dev/null) || at=0
    [ "$at" -ge "$soon" ] || echo "$1 ends: $end"
  done
}

wrong=$(
  openssl storeutl -noout -text -crls "$clients/ca.crl" | sed -n 's/^ *Next Update: //p' | judge "list of what is revoked"
  openssl storeutl -noout -text -certs "$clients/ca.crt" | sed -n 's/^ *Not After : //p' | judge "CA of callers"
  timeout 10 openssl s_client -connect "$address" </dev/null 2>/dev/null | openssl x509 -noout -enddate 2>/dev/null |
    sed -n 's/^notAfter=//p' | judge "certificate at $address"
)
[ -z "$wrong" ] && exit
echo "$wrong"
exit 1
