# shellcheck shell=bash disable=SC2154  # $root and $run come from the script
# Runs one private Redis 7 under $run, on the loopback port $redis_port. Needs say.sh, process.sh and postgres.sh
# (for secret).

# What the services' user may do.
readonly redis_user_may='resetkeys ~xxt:* resetchannels -@all +@stream +multi +exec +discard +del +exists +ping +auth +hello +info +client|setname'

# Writes the server's settings and its users: `xxt` for the services, `operator` for tests that flush the store.
configure_redis() {
  mkdir -p "$run/redis"
  cat >"$run/redis/redis.conf" <<CONF
bind 127.0.0.1
port $redis_port
dir "$run/redis"
aclfile "$run/redis/users.acl"
appendonly yes
appendfsync everysec
save ""
maxmemory 256mb
maxmemory-policy noeviction
CONF
  (
    umask 077
    cat >"$run/redis/users.acl" <<ACL
user default off
user xxt on #$(password_hash redis) $redis_user_may
user operator on #$(password_hash redis-operator) ~* &* +@all
ACL
  )
}

password_hash() {
  secret "$1" | sha256sum | cut -d ' ' -f 1
}

start_redis() {
  [[ -x $(command -v redis-server) ]] || fail "Redis 7 is missing; run tools/setup"
  configure_redis
  start_process redis redis-server "$run/redis/redis.conf"
  await_port redis "$redis_port"
}
