#!/usr/bin/env bash
# tests/failover/ledger_test.sh - what becomes of resume tokens when a standby is promoted and when a copy is restored.
#
# On a primary and a standby of its own: events that only the old primary had, whose transaction ids the new one gives to
# others, must never be skipped in silence.
#
# Usage: tests/failover/ledger_test.sh PROBE
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
source "$root/tools/lib/say.sh"
source "$root/tools/lib/lock.sh"
source "$root/tools/lib/process.sh"
source "$root/tools/lib/postgres.sh"

probe=$(realpath "${1-}")
top=$(mktemp -d /tmp/xxt-ledger.XXXXXX)
chmod 755 "$top"

main() {
  trap clean_up EXIT
  trap 'exit 130' INT TERM
  local kept lost other
  use primary && start_postgres
  apply_roles
  migrate intake xxt_intake
  kept=$(ledger append cases/1 cases/2)
  copy_of primary standby
  copy_of primary restored
  lost=$(ledger append cases/lost-3 cases/lost-4)
  expect "the primary resumes" "cases/lost-3 cases/lost-4" "$(ledger resume "$kept")"
  stop_process postgres QUIT 20

  use standby && touch_as_postgres standby.signal && start_postgres
  psql_as postgres postgres --command="SELECT pg_promote()" >/dev/null
  other=$(ledger append cases/5 cases/6 cases/7)
  expect "from before the promotion" RESUME_TOKEN_EXPIRED "$(ledger resume "$kept")"
  expect "of an event that the promotion lost" RESUME_TOKEN_EXPIRED "$(ledger resume "$lost")"
  expect "from the oldest" "cases/1 cases/2 cases/5 cases/6 cases/7" "$(ledger resume 0)"
  expect "from the end" "" "$(ledger resume "$other")"
  stop_postgres

  # A copy of the files that was started as it is: the same timeline goes on.
  use restored && start_postgres
  ledger append cases/8 cases/9 cases/10 >/dev/null
  expect "of an event that the copy has" "cases/8 cases/9 cases/10" "$(ledger resume "$kept")"
  expect "of an event that the copy lacks" RESUME_TOKEN_EXPIRED "$(ledger resume "$lost")"
  expect "of another primary" RESUME_TOKEN_EXPIRED "$(ledger resume "$other")"
  stop_postgres
}

# Makes NAME the server that all functions speak of.
use() {
  run=$top/$1
  mkdir -p "$run"/{logs,pids}
  chmod 755 "$run"
  [[ $1 == primary || -e $run/secrets ]] || cp -r "$top/primary/secrets" "$run/secrets"
  postgres_port=$(free_ports 1)
}

# Copies the running server FROM into TO, which does not run yet.
copy_of() {
  local -r to=$top/$2
  mkdir -p "$to/pg"
  chmod 755 "$to"
  ((EUID != 0)) || chown postgres:postgres "$to/pg"
  PGPASSWORD=$(secret superuser) as_postgres "$postgres_bin/pg_basebackup" --pgdata="$to/pg/data" --checkpoint=fast \
    --wal-method=stream --host=127.0.0.1 --port="$postgres_port" --username=postgres
}

touch_as_postgres() {
  as_postgres touch "$(readlink -f "$run/pg")/data/$1"
}

ledger() {
  "$probe" "host=127.0.0.1 port=$postgres_port dbname=xxt_intake user=xxt_intake" "$(secret xxt_intake)" "$@" \
    2>>"$top/probe.log" | paste -sd' ' || true
}

expect() {
  [[ $3 == "$2" ]] || fail "a token $1: expected '$2', found '$3'"
}

clean_up() {
  local server
  for server in primary standby restored; do
    run=$top/$server
    [[ ! -d $run/pids ]] || stop_process postgres QUIT 20
  done
  rm -rf "$top"
}

main "$@"
