#!/bin/sh
# start.sh redis|sentinel - begins one of the two on a node of the StatefulSet, whose pods are redis-0 to redis-2.
set -eu

me=$(hostname)

# Prints the master's name: what another node's sentinel says, or redis-0 if none answers.
master() {
  for node in redis-0 redis-1 redis-2; do
    [ "$node" != "$me" ] || continue
    name=$(timeout 2 redis-cli -h "$node.redis-nodes" -p 26379 sentinel get-master-addr-by-name xixinting 2>/dev/null |
      head -n 1) || true
    case $name in redis-[0-2].redis-nodes)
      echo "$name"
      return
      ;;
    esac
  done
  echo redis-0.redis-nodes
}

found=$(master)
case $1 in
  redis)
    set -- /etc/redis/redis.conf --replica-announce-ip "$me.redis-nodes"
    [ "$found" = "$me.redis-nodes" ] || set -- "$@" --replicaof "$found" 6379
    exec redis-server "$@"
    ;;
  sentinel)
    # Sentinel rewrites its file, and knows a master by `monitor` before anything else of it.
    {
      cat /etc/redis/sentinel.conf
      echo "sentinel announce-ip $me.redis-nodes"
      echo "sentinel monitor xixinting $found 6379 2"
      echo "sentinel down-after-milliseconds xixinting 5000"
      echo "sentinel failover-timeout xixinting 30000"
      cat /run/secrets/redis/sentinel.conf
    } >/data/sentinel.conf
    exec redis-server /data/sentinel.conf --sentinel
    ;;
esac
