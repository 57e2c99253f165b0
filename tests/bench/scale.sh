# shellcheck shell=bash disable=SC2154  # $root, $bin, $run, $rows and so on come from tools/bench
# What people at the window wait for beside 10,000 cases and beside many: two instances, asked in turn. For tools/bench.

readonly looks=(work-list due-tasks find-cases entitlement body-search)
readonly facts_of_case=3
# What bodies are searched by.
readonly searched=(光明机械厂 红星医院 和平殡仪馆 东风档案 第一人力资源 石家庄市光明 人力资源)

measure_scale() {
  local service
  declare -A runs=([few]=$run [many]=$root/build/run/$instance-many)
  beside=$instance-many
  XXT_PRESET=$preset "$root/tools/dev" --instance "$beside" up --no-build
  # Whom lists.py asks for statements.
  export XXT_SERVICES=''
  for service in "${services[@]}"; do XXT_SERVICES+="$service=$bin/services/$service/xxt-$service "; done
  (use "${runs[few]}" && fill_scale 10000)
  (use "${runs[many]}" && fill_scale "$rows")
  measure_looks
}

# Of both instances in turn.
measure_looks() {
  local round look size
  for ((round = 1; round <= rounds; round++)); do
    step "Looks, round $round of $rounds"
    for look in "${looks[@]}"; do
      for size in few many; do
        (use "${runs[$size]}" && load "$look $size" "$look" 1 --connections 1 --of "$run/looks/$look")
      done
    done
    for size in few many; do
      (use "${runs[$size]}" && due_scan "$size")
    done
  done
}

# Goes on with the instance in the folder RUN; for a subshell.
use() {
  run=$1
  # shellcheck source=/dev/null
  source "$run/env"
  # shellcheck disable=SC2034  # for psql_as
  postgres_port=$XXT_POSTGRES_PORT
}

# fill_scale COUNT: so many cases with their facts, a body for 25 of them (1,000 at least), and for each open case a task
# of the desk and a timer, which is due on another day. Then writes what is looked for: of what is recent.
fill_scale() {
  local -r count=$1 bodies=$(($1 > 25000 ? $1 / 25 : 1000))
  step "Filling $count cases, $((count * facts_of_case)) facts and $bodies bodies"
  seed_store intake --cases "$count" --facts "$facts_of_case"
  seed_store referral --bodies "$bodies" --add
  psql_as postgres xxt_intake <<'SQL'
INSERT INTO backbone.desk_task (id, kind, subject, dedupe_key, due, hall, assignee, summary)
SELECT gen_random_uuid(), 'case.act', 'cases/' || id, 'bench/' || id, next_action_time, hall, owner, '联系当事人'
  FROM intake.cases WHERE state <> 3;
INSERT INTO backbone.timer (id, kind, lane, subject, dedupe_key, due)
SELECT gen_random_uuid(), 'case.act', 'normal', 'cases/' || id, 'bench/' || id, greatest(next_action_time, now()) + interval '1 day'
  FROM intake.cases WHERE state <> 3;
SQL
  psql_as postgres xxt_intake --command='VACUUM ANALYZE'
  psql_as postgres xxt_referral --command='VACUUM ANALYZE'
  psql_as postgres postgres --command=CHECKPOINT
  mkdir -p "$run/looks"
  # Of the caller's own hall, both.
  echo "$hall" | tee "$run/looks/work-list" >"$run/looks/due-tasks"
  # Telephone numbers and halls follow the numbers of made-up cases (tools/xxt-store/seed.cc).
  psql_as postgres xxt_intake --command="
    SELECT '+86138' || lpad(i::text, 8, '0')
      FROM (SELECT name, row_number() OVER (ORDER BY name) - 1 AS place, count(*) OVER () AS halls FROM intake.halls) AS h,
           generate_series($count - 10000, $count - 1) AS i
     WHERE name = '$hall' AND (i + i / (10 * halls)) % halls = place ORDER BY random()" >"$run/looks/find-cases"
  psql_as postgres xxt_intake --command="
    SELECT name FROM (SELECT 'cases/' || id AS name FROM intake.cases WHERE hall = '$hall'
                       ORDER BY create_time DESC LIMIT 500) AS recent ORDER BY random()" >"$run/looks/entitlement"
  printf '%s\n' "${searched[@]}" >"$run/looks/body-search"
}

# seed_store SERVICE OPTION...
seed_store() {
  "$bin/tools/xxt-store/xxt-store" --service "$1" --config "$run/config/$1.yaml" seed "${@:2}" >>"$run/logs/seed-store.log" 2>&1 ||
    fail "xxt-store could not fill $1: $(tail -n 1 "$run/logs/seed-store.log")"
}

# What every process asks every few hundred milliseconds: is there a timer that is due?
due_scan() {
  local line
  line=$("$python" "$root/tests/bench/lists.py" --filled timer.fire intake xxt_intake 10000 "$XXT_POSTGRES_PORT" \
    "$run/secrets/superuser") || fail "the due scan could not be measured"
  keep "timers-due $1" "$(jq 'del(.key)' <<<"$line")"
}

# What counts is the least of the rounds' medians, as in lists.py: what else the machine does only makes one longer.
report_scale() {
  printf '\npreset %s, %s processors, %s rounds of %s s, one caller, %s\n\n' "$preset" "$(nproc)" "$rounds" "$seconds" "$(date +%F)"
  jq --slurp --raw-output --argjson rows "$rows" '
    def shown: if . == null then "–" elif . < 100 then . * 100 | round / 100 else round end;
    def cpu: if .server_cpu_us_per_call then .server_cpu_us_per_call + .postgres_cpu_us_per_call else null end;
    {"work-list": "work list (ListCases, ORDER_WORK)", "due-tasks": "due tasks of the hall (ListTasks)",
     "timers-due": "due scan of timers (statement)", "find-cases": "FindCases, by telephone", "entitlement": "LookupEntitlement",
     "body-search": "body search (ListBodies, query)"} as $names
    | "| what | found | p50 ms at 10 k | at \($rows / 1000) k | ratio | CPU µs of service and PostgreSQL at 10 k | at \($rows / 1000) k | p50 ≤ 2 ms | ≤ 1.3 × or ≤ 0.2 ms |",
      "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
      (($names | keys_unsorted[]) as $look
       | map(select(.key == "\($look) few")) as $few | map(select(.key == "\($look) many")) as $many
       | ($few | map(.p50_ms) | min) as $small | ($many | map(.p50_ms) | min) as $large
       | "| \($names[$look]) | \($many | map(.found_per_call) | max | shown) | \($small | shown) | \($large | shown) | \($large / $small | shown) | \(
           $few | map(cpu) | min | shown) | \($many | map(cpu) | min | shown) | \(if $large <= 2 then "yes" else "NO" end) | \(
           if $large <= 1.3 * $small or $large <= 0.2 then "yes" else "NO" end) |"),
      "", "errors: \(map(.errors // 0) | add)"' "$results"
}
