# shellcheck shell=bash
# Keeps two copies of a script from working on the same directory at once.

# Waits for the lock FILE and holds it on descriptor FD until the script ends. The file says who holds it.
# Whatever is started to outlive the script must close FD.
hold_lock() {
  local -r file=$1 fd=$2
  mkdir -p "$(dirname "$file")"
  eval "exec $fd>>\"\$file\""
  if ! flock --nonblock "$fd"; then
    notice "waiting for $(tail -n 1 "$file"), which holds $file"
    flock "$fd"
  fi
  echo "$(basename "$0") (pid $$)" >"$file"
}

# Gives the lock on descriptor FD back before the script ends.
release_lock() {
  eval "exec $1>&-"
}
