#!/bin/sh
# start.sh PREFIX - runs nginx with the nginx.conf beside this, and has it read its certificates, and the list of those that
# are revoked, anew when they change: it would otherwise never look at them again.
set -eu

PATH=$PATH:/usr/sbin
here=$(cd "$(dirname "$0")" && pwd)
prefix=$1
nginx=$$

in_use() {
  cat "$here"/../server/* "$here"/../clients/* "$here"/../tls/*.crt "$here"/../tls/*.key 2>/dev/null | cksum
}

# What does not fit together, maybe because one file of two is new, is not taken: nginx goes on with what it has.
follow() {
  while sleep "${XXT_EDGE_LOOK_EVERY:-5}" && kill -0 "$nginx" 2>/dev/null; do
    now=$(in_use)
    if [ "$now" != "$known" ] && nginx -t -q -p "$prefix" -c "$here/nginx.conf"; then
      kill -HUP "$nginx"
      known=$now
    fi
  done
}

known=$(in_use)
follow &
exec nginx -p "$prefix" -c "$here/nginx.conf"
