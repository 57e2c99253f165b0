#!/usr/bin/env bash
# tests/stories/run_stories.sh - plays every story in this folder, and the examples, on an instance of its own, and removes it.
# Then it looks at what the services told of themselves: their metrics, and the spans that they gave a collector
# (tests/observability).
#
# Usage: tests/stories/run_stories.sh [JUNIT_FILE]
#
# XXT_PRESET names the build (default: dev), which must be complete. After a failure the instance's logs stay in
# build/run/story-*.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
source "$root/tools/lib/say.sh"
source "$root/tools/lib/process.sh"

readonly preset=${XXT_PRESET:-dev}
readonly instance=story-$$
readonly run=$root/build/run/$instance
readonly report=${1:-$root/build/$preset/stories.xml}

clean_up() {
  trap '' INT TERM
  stop_process spans
  if (($1 == 0 || $1 == 130)); then
    "$root/tools/dev" --instance "$instance" remove
  else
    "$root/tools/dev" --instance "$instance" down
    echo "logs are in build/run/$instance/logs" >&2
  fi
  exit "$1"
}

trap 'clean_up $?' EXIT
trap 'exit 130' INT TERM

# Starts a collector of spans, and has the services that are started from now on tell it.
start_collector() {
  start_process spans "$python" "$root/tools/sim/span_collector.py" --port 0 --ledger "$run/spans.jsonl"
  wait_until 20 grep --quiet --no-messages '^ready' "$run/logs/spans.log" || fail "$(tail -n 1 "$run/logs/spans.log")"
  local service address
  address=127.0.0.1:$(sed -n 's/^ready spans port=//p' "$run/logs/spans.log")
  for service in INTAKE REFERRAL NOTIFICATION; do
    export "XXT_${service}__TRACE__OTLP_ENDPOINT=$address"
  done
}

start_collector
"$root/tools/dev" --instance "$instance" up --no-build
"$root/build/$preset/tools/xxt/xxt" --context "$root/build/run/$instance/xxt.yaml" \
  scenario run "$here"/*.yaml "$here"/../examples/*.yaml --junit "$report"
"$here/../observability/page_check.py" "$root/build/run/$instance/xxt.yaml"
"$here/../observability/spans_check.py" "$run/spans.jsonl"
