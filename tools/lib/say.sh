# shellcheck shell=bash
# What a script tells its user. Source it; it expects $0 to be the script.

# Prints the script's header comment, which is its help.
print_help() {
  sed -n '2,/^[^#]/{/^#/!d; s/^# \{0,1\}//; p}' "$0"
}

# Prints one line of progress with the seconds since the script began.
step() {
  printf '[%3ds] %s\n' "$SECONDS" "$*" >&2
}

# Prints something worth knowing that does not stop the script.
notice() {
  printf '%s: %s\n' "$(basename "$0")" "$*" >&2
}

# Ends the script with one sentence.
fail() {
  notice "$*"
  exit 1
}

# Ends the script because it was called wrongly.
fail_usage() {
  notice "$*; see --help"
  exit 2
}

# Ends the script unless its words begin with an option and the option's value.
needs_value() {
  if (($# < 2)) || [[ $2 == --* ]]; then
    fail_usage "$1 needs a value"
  fi
}
