# shellcheck shell=bash disable=SC2154  # $root and $run come from the script
# Starts, watches and stops the processes of one directory.
#
# A process NAME has its output in $run/logs/NAME.log and its identity in $run/pids/NAME: pid and start time, so
# that a pid which the kernel has since given to somebody else is never taken for ours.

# Debian's: it has the modules that tools/packages.txt names, which another python on the PATH may lack.
readonly python=/usr/bin/python3

# Prints when PID was started, in clock ticks since boot; nothing if it is gone or a zombie.
start_time() {
  local stat
  stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 0
  # Fields count from the command's closing parenthesis: state is the first, the start time the 20th.
  awk '$1 != "Z" { print $20 }' <<<"${stat##*) }"
}

# Prints the pid of NAME; fails if it is not running.
pid_of() {
  local pid started
  read -r pid started 2>/dev/null <"$run/pids/$1" || return 1
  [[ -n $started && $(start_time "$pid") == "$started" ]] && echo "$pid"
}

# Runs COMMAND in the background as NAME, out of reach of the terminal's Ctrl-C.
start_process() {
  local -r name=$1
  shift
  mkdir -p "$run/logs" "$run/pids"
  setsid "$@" >>"$run/logs/$name.log" 2>&1 </dev/null 7>&- 8>&- 9>&- &
  echo "$! $(start_time $!)" >"$run/pids/$name"
}

# Asks NAME to stop with SIGNAL (TERM), waits SECONDS (15), then kills it with a notice.
stop_process() {
  local -r name=$1 signal=${2:-TERM} seconds=${3:-15}
  local pid
  if pid=$(pid_of "$name"); then
    kill "-$signal" "$pid" 2>/dev/null || true
    if ! wait_until "$seconds" not_running "$name"; then
      notice "$name did not stop within ${seconds}s; killing it"
      kill -KILL "$pid" 2>/dev/null || true
    fi
  fi
  rm -f "$run/pids/$name"
}

not_running() {
  ! pid_of "$1" >/dev/null
}

# Repeats COMMAND until it succeeds, for at most SECONDS.
wait_until() {
  local -r until=$((SECONDS + $1))
  shift
  until "$@"; do
    ((SECONDS < until)) || return 1
    sleep 0.05
  done
}

# Waits until NAME listens on PORT; ends the script with the last line of its log if it does not.
await_port() {
  local -r name=$1 port=$2
  if ! wait_until 20 port_open_or_dead "$name" "$port" || not_running "$name"; then
    fail "$name did not start: $(tail -n 1 "$run/logs/$name.log")"
  fi
}

port_open_or_dead() {
  not_running "$1" || (exec 6<>"/dev/tcp/127.0.0.1/$2") 2>/dev/null
}

# Prints the first of COUNT adjacent loopback ports that are free. They lie below the range from which the kernel
# takes ports for outgoing connections, and start at a multiple of COUNT, so that two copies rarely choose alike.
free_ports() {
  "$python" - "$1" <<'PYTHON'
import random, socket, sys

count = int(sys.argv[1])
blocks = list(range(20000 // count, 32000 // count))
random.shuffle(blocks)
for first in (block * count for block in blocks):
    taken = []
    try:
        for port in range(first, first + count):
            taken.append(socket.create_server(("127.0.0.1", port)))
    except OSError:
        continue
    finally:
        for listener in taken:
            listener.close()
    print(first)
    break
else:
    sys.exit("no free ports")
PYTHON
}
