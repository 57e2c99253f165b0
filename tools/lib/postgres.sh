# shellcheck shell=bash disable=SC2154  # $root and $run come from the script
# Runs one private PostgreSQL 15 under $run, on the loopback port $postgres_port. Needs say.sh and process.sh.
#
# $run/pg holds the cluster and belongs to whoever runs it: PostgreSQL refuses root, so root hands it to the user
# `postgres` of the Debian package. Where that user cannot reach $run, $run/pg is a link into /tmp.
# $run/secrets holds one password file per role.

readonly postgres_bin=/usr/lib/postgresql/15/bin
readonly services=(intake referral notification)

# Runs COMMAND as the user who owns the cluster.
as_postgres() {
  if ((EUID == 0)); then
    (cd / && exec setpriv --reuid=postgres --regid=postgres --init-groups "$@")
  else
    "$@"
  fi
}

# Set by tests, which make and drop hundreds of databases: $run/pg is a link into memory where that has room, for the
# disk's bookkeeping of their files takes longer than all else that they do. They need half a gigabyte.
postgres_in_memory=''

memory_has_room() {
  local shared free
  shared=$(df --output=avail -B1G /dev/shm 2>/dev/null | tail -n 1)
  free=$(awk '/^MemAvailable/ { print int($2 / 1048576) }' /proc/meminfo)
  ((${shared:-0} >= 4 && free >= 8))
}

# Makes the cluster unless it is there.
make_cluster() {
  [[ -x $postgres_bin/initdb ]] || fail "PostgreSQL 15 is missing; run tools/setup"
  [[ ! -e $run/pg/data/PG_VERSION ]] || return 0
  remove_cluster
  local elsewhere=''
  if [[ $postgres_in_memory ]] && memory_has_room; then
    elsewhere=/dev/shm
  elif ((EUID == 0)) && ! as_postgres test -x "$run"; then
    elsewhere=/tmp
  fi
  if [[ $elsewhere ]]; then
    ln -s "$(mktemp -d "$elsewhere/xixinting-pg.XXXXXX")" "$run/pg"
  else
    mkdir "$run/pg"
  fi
  ((EUID != 0)) || chown postgres:postgres "$run/pg/"
  local pg
  pg=$(readlink -f "$run/pg")
  chmod 700 "$pg"
  # shellcheck disable=SC2016  # expanded by the inner shell, as the cluster's owner
  secret superuser | as_postgres sh -c 'umask 077 && cat >"$1/password"' - "$pg"
  as_postgres "$postgres_bin/initdb" --pgdata="$pg/new" --username=postgres --pwfile="$pg/password" \
    --auth=scram-sha-256 --encoding=UTF8 --locale=C.UTF-8 >"$run/logs/initdb.log" 2>&1 ||
    fail "initdb failed: $(tail -n 1 "$run/logs/initdb.log")"
  mv "$pg/new" "$pg/data"
}

remove_cluster() {
  if [[ -L $run/pg ]]; then
    rm -rf "$(readlink -f "$run/pg")"
  fi
  rm -rf "$run/pg"
}

# Further options of the server's command line.
postgres_options=()

start_postgres() {
  make_cluster
  # setpriv becomes postgres, so that the pid we keep is the server's own.
  local as=()
  ((EUID == 0)) && as=(setpriv --reuid=postgres --regid=postgres --init-groups)
  start_process postgres "${as[@]}" "$postgres_bin/postgres" -D "$(readlink -f "$run/pg")/data" -c autovacuum_naptime=15s \
    -c listen_addresses=127.0.0.1 -c "port=$postgres_port" -c unix_socket_directories= -c shared_buffers=64MB \
    -c timezone=Asia/Shanghai -c log_timezone=UTC -c log_statement=none "${postgres_options[@]}"
  await_port postgres "$postgres_port"
  wait_until 20 pg_isready --quiet --host=127.0.0.1 --port="$postgres_port" ||
    fail "PostgreSQL does not answer: $(tail -n 1 "$run/logs/postgres.log")"
}

# Stops the server at once but cleanly: SIGINT ends its sessions and writes a checkpoint.
stop_postgres() {
  stop_process postgres INT 20
}

# Prints the password of NAME, making one the first time.
secret() {
  local -r file=$run/secrets/$1
  if [[ ! -s $file ]]; then
    (umask 077 && mkdir -p "$run/secrets")
    (umask 077 && od -An -N16 -tx1 /dev/urandom | tr -d ' \n' >"$file")
  fi
  cat "$file"
}

# Runs psql in DATABASE as USER; the rest goes to psql. Stops at the first error.
psql_as() {
  local -r user=$1 database=$2
  shift 2
  local name=$user
  [[ $user == postgres ]] && name=superuser
  PGPASSWORD=$(secret "$name") PGOPTIONS='-c client_min_messages=warning' psql --no-psqlrc --quiet --no-align \
    --tuples-only --set=ON_ERROR_STOP=1 --host=127.0.0.1 --port="$postgres_port" --username="$user" \
    --dbname="$database" "$@"
}

# Makes the roles and the three databases of deploy/db/roles.sql, or brings them up to date.
apply_roles() {
  local role
  for role in xxt_migrator xxt_store "${services[@]/#/xxt_}"; do
    secret "$role" >/dev/null
  done
  XXT_SECRETS="$run/secrets" psql_as postgres postgres --file="$root/deploy/db/roles.sql" >/dev/null ||
    fail "deploy/db/roles.sql failed"
}

# Lists the folders with SERVICE's migrations: the backbone all services share, then its own.
migration_dirs() {
  local dir
  for dir in common/pg/migrations "services/$1/migrations"; do
    compgen -G "$root/$dir/*.sql" >/dev/null && echo "$root/$dir"
  done
  return 0
}

# Applies SERVICE's migrations to DATABASE.
migrate() {
  local -r service=$1 database=$2
  local dirs
  mapfile -t dirs < <(migration_dirs "$service")
  if ((${#dirs[@]} == 0)); then
    notice "$service has no migrations yet"
    return
  fi
  DATABASE_URL="postgres://xxt_migrator:$(secret xxt_migrator)@127.0.0.1:$postgres_port/$database?sslmode=disable" \
    "$root/tools/node_modules/.bin/dbmate" "${dirs[@]/#/--migrations-dir=}" --no-dump-schema migrate \
    >"$run/logs/migrate-$service.log" 2>&1 ||
    fail "migrations of $service failed: $(tail -n 1 "$run/logs/migrate-$service.log")"
}

# Fills SERVICE's database with the made-up people of its seed, if it has one.
seed() {
  local -r file=$root/services/$1/seed/dev.sql
  [[ -e $file ]] || return 0
  psql_as xxt_migrator "xxt_$1" --single-transaction --file="$file" >"$run/logs/seed-$1.log" 2>&1 ||
    fail "services/$1/seed/dev.sql failed: $(tail -n 1 "$run/logs/seed-$1.log")"
}
