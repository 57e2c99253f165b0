#!/usr/bin/env bash
# tests/stories/run_stories.sh - plays every story in this folder, and the examples, on an instance of its own, and removes it.
# Before that it looks at what the services tell of themselves (tests/observability/page_check.py).
#
# Usage: tests/stories/run_stories.sh [JUNIT_FILE]
#
# XXT_PRESET names the build (default: dev), which must be complete. After a failure the instance's logs stay in
# build/run/story-*.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)

readonly preset=${XXT_PRESET:-dev}
readonly instance=story-$$
readonly report=${1:-$root/build/$preset/stories.xml}

clean_up() {
  trap '' INT TERM
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
"$root/tools/dev" --instance "$instance" up --no-build
"$root/build/$preset/tools/xxt/xxt" --context "$root/build/run/$instance/xxt.yaml" \
  scenario run "$here"/*.yaml "$here"/../examples/*.yaml --junit "$report"
"$here/../observability/page_check.py" "$root/build/run/$instance/xxt.yaml"
