#!/bin/sh
# drill.sh restore | verify SERVICE | remove - the steps of the restore drill. The cluster of a drill that failed stays to
# be looked at until the next.
set -eu

readonly identity=/run/kubernetes
readonly newest_within='15 minutes'

# call METHOD PATH [OPTION...]: asks the API server about clusters of this namespace.
call() {
  method=$1 path=$2
  shift 2
  curl --silent --show-error --fail --max-time 30 --cacert "$identity/ca.crt" --request "$method" \
    --header "Authorization: Bearer $(cat "$identity/token")" "$@" \
    "https://kubernetes.default.svc/apis/postgresql.cnpg.io/v1/namespaces/$(cat "$identity/namespace")/clusters$path"
}

remove() {
  call DELETE '/restore-drill?propagationPolicy=Foreground' >/dev/null 2>&1 || true
  while call GET /restore-drill >/dev/null 2>&1; do sleep 5; done
}

# The Job's deadline ends it.
restore() {
  remove
  call POST '' --header 'Content-Type: application/yaml' --data-binary @/etc/xixinting/cluster.yaml >/dev/null
  until call GET /restore-drill | grep -q 'Cluster in healthy state'; do sleep 10; done
}

# Every row of the service can be read with the keys that are in use, and nothing new is missing: services note each
# minute which key they wrap with.
verify() {
  xxt-store --service "$1" --config "/etc/xixinting/$1.yaml" verify
  fresh=$(PGPASSWORD=$(cat "$XXT_STORE_PASSWORD_FILE") psql --no-psqlrc --no-align --tuples-only \
    --host=restore-drill-rw --username=xxt_store --dbname="xxt_$1" \
    --command="SELECT max(use_time) > now() - interval '$newest_within' FROM backbone.seal_key")
  [ "$fresh" = t ] || {
    echo "the restored database of $1 is older than $newest_within" >&2
    exit 1
  }
}

"$@"
