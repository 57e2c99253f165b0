# shellcheck shell=bash disable=SC2154  # $root, $bin, $run, $rounds and so on come from tools/bench
# What TLS costs a service, and what tracing: the same load on intake, started anew with another configuration. For
# tools/bench. A release has no way to do without TLS: all four are of the preset bench, a release with that key.

# As it runs in earnest but for the addresses; without TLS; with every trace recorded, and one in a hundred.
readonly cost_settings=(as_is no_tls traced sampled)

measure_costs() {
  local round i
  start_echo_servers
  sink_port=$(free_ports 1)
  start_process sink "$bin/tests/bench/xxt_span_sink" "127.0.0.1:$sink_port"
  await_port sink "$sink_port"
  pause STOP
  for ((round = 0; round < rounds; round++)); do
    step "Costs, round $((round + 1)) of $rounds"
    load plain_64 echo 64
    load echo_64 echo 64
    # Each round begins with another one: what comes later in a round is not always the same.
    for i in "${!cost_settings[@]}"; do
      measure_setting "${cost_settings[(i + round) % ${#cost_settings[@]}]}"
    done
  done
}

# measure_setting NAME: intake with what that changes, and nobody else at work.
measure_setting() {
  local -r collector=XXT_INTAKE__TRACE__OTLP_ENDPOINT=127.0.0.1:$sink_port
  local -rA changes=([as_is]='' [no_tls]=XXT_INTAKE__TLS__PLAINTEXT=true [traced]=$collector
    [sampled]="$collector XXT_INTAKE__TRACE__ONE_IN=100")
  local changed
  read -ra changed <<<"${changes[$1]}"
  stop_process intake
  psql_as postgres xxt_intake --command='TRUNCATE backbone.machine_task'
  start_process intake env "${changed[@]}" "$root/build/bench/services/intake/xxt-intake" --config "$run/config/intake.yaml"
  await_port intake "$XXT_INTAKE_PORT"
  load "$1_warm_up" create-case 64 --seconds 2
  load "$1_get" get-case 64
  load "$1_create" create-case 64
  keep "$1_dropped" "$(curl --silent --show-error "http://127.0.0.1:$XXT_INTAKE_METRICS_PORT/metrics" |
    awk '/^xixinting_trace_spans_dropped_total/ { printf "{\"spans\": %d}", $2 }')"
}

report_costs() {
  printf '\npreset bench, %s processors, %s rounds of %s s, 64 callers, %s\n\n' "$(nproc)" "$rounds" "$seconds" "$(date +%F)"
  jq --slurp --raw-output '
    def median: sort | (.[(length - 1) / 2 | floor] + .[length / 2 | floor]) / 2;
    def of($key; $field): map(select(.key == $key)[$field]);
    def round2: . * 100 | round / 100;
    def span: "\(median | round2) (\(min | round2) to \(max | round2))";
    def ratios($key; $anchor; $field): of($key; $field) as $a | of($anchor; $field) as $b | [range($a | length) | $a[.] / $b[.]];
    . as $all
    | "| what | calls per second | server CPU µs | client CPU µs | p50 ms | p99 ms |", "| --- | --- | --- | --- | --- | --- |",
    (["plain_64", "echo_64", "no_tls_get", "as_is_get", "sampled_get", "traced_get", "no_tls_create", "as_is_create", "sampled_create",
      "traced_create"][] as $key
     | "| \($key) | \($all | of($key; "rate") | median | round) | \([("server", "client") as $side
         | $all | of($key; $side + "_cpu_us_per_call") | median | round | tostring] | join(" | ")) | \([("p50_ms", "p99_ms") as $field
         | $all | of($key; $field) | median | round2 | tostring] | join(" | ")) |"),
    "", "| with : without, median of the rounds (least to most) | calls per second | server CPU | client CPU |", "| --- | --- | --- | --- |",
    ([["TLS, a bare gRPC server", "echo_64", "plain_64"], ["TLS, GetCase", "as_is_get", "no_tls_get"],
      ["TLS, CreateCase", "as_is_create", "no_tls_create"], ["every trace recorded, GetCase", "traced_get", "as_is_get"],
      ["every trace recorded, CreateCase", "traced_create", "as_is_create"], ["one trace in 100, GetCase", "sampled_get", "as_is_get"],
      ["one trace in 100, CreateCase", "sampled_create", "as_is_create"]][] as [$what, $key, $anchor]
     | "| \($what) | \([("rate", "server_cpu_us_per_call", "client_cpu_us_per_call") as $field
         | $all | ratios($key; $anchor; $field) | span] | join(" | ")) |"),
    "", "spans dropped of those of \(of("traced_warm_up"; "calls") + of("traced_get"; "calls") + of("traced_create"; "calls") | add) calls: \(
      of("traced_dropped"; "spans") | add)", "errors: \(map(select(.key | endswith("warm_up") | not) | .errors // 0) | add)"' "$results"
}
