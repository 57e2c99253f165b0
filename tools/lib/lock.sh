# shellcheck shell=bash
# Keeps two copies of a script from working on the same directory at once.

# Waits for the lock FILE and holds it on descriptor FD until the script ends.
# Whatever is started to outlive the script must close FD.
hold_lock() {
  local -r file=$1 fd=$2
  mkdir -p "$(dirname "$file")"
  eval "exec $fd>>\"\$file\""
  if ! flock --nonblock "$fd"; then
    notice "another copy holds $file; waiting for it"
    flock "$fd"
  fi
}

# Gives the lock on descriptor FD back before the script ends.
release_lock() {
  eval "exec $1>&-"
}
