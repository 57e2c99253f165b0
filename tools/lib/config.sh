# shellcheck shell=bash disable=SC2154  # $root and $run come from the script
# Writes the files that tell the services, the simulators and the CLI of one instance about each other. Needs the
# ports and paths that tools/dev keeps in $run/env, and $preset.

# Writes $run/config/<service>.yaml for the three services.
write_service_configs() {
  mkdir -p "$run/config"
  make_seal_keys
  {
    service_config intake "$XXT_INTAKE_PORT" "$XXT_INTAKE_METRICS_PORT" "$XXT_INTAKE_HEALTH_PORT"
    echo "peers: {notification: \"127.0.0.1:$XXT_NOTIFICATION_PORT\"}"
  } >"$run/config/intake.yaml"
  {
    service_config referral "$XXT_REFERRAL_PORT" "$XXT_REFERRAL_METRICS_PORT" "$XXT_REFERRAL_HEALTH_PORT"
    cat <<YAML
peers: {intake: "127.0.0.1:$XXT_INTAKE_PORT"}
mail:
  smtp_url: "smtp://127.0.0.1:$XXT_SMTP_PORT"
  imap_url: "imap://127.0.0.1:$XXT_IMAP_PORT"
  user: "window@hall.example"
  password_file: "$run/secrets/mail-window"
  address: "window@hall.example"
  display_name: "西城区悉心听窗口"
  require_tls: false
  poll_interval: "200ms"
  desk_hall: "halls/110102016"
YAML
  } >"$run/config/referral.yaml"
  {
    service_config notification "$XXT_NOTIFICATION_PORT" "$XXT_NOTIFICATION_METRICS_PORT" "$XXT_NOTIFICATION_HEALTH_PORT"
    cat <<YAML
peers: {intake: "127.0.0.1:$XXT_INTAKE_PORT"}
sms:
  url: "http://127.0.0.1:$XXT_PHONE_PORT/v1/sms"
  receipts_url: "http://127.0.0.1:$XXT_PHONE_PORT/v1/receipts"
  query_url: "http://127.0.0.1:$XXT_PHONE_PORT/v1/sms"
  token_file: "$run/secrets/sms-token"
  receipt_poll: "200ms"
email:
  smtp_url: "smtp://127.0.0.1:$XXT_SMTP_PORT"
  user: "window@hall.example"
  password_file: "$run/secrets/mail-window"
  address: "window@hall.example"
  display_name: "西城区悉心听窗口"
  require_tls: false
YAML
  } >"$run/config/notification.yaml"
}

# Makes the keys that wrap data keys, the first time.
make_seal_keys() {
  local -r file=$run/secrets/seal.keys
  [[ ! -s $file ]] || return 0
  (umask 077 && mkdir -p "$run/secrets" &&
    printf '1 %s\nsearch %s\n' "$(head -c 32 /dev/urandom | base64)" "$(head -c 32 /dev/urandom | base64)" >"$file")
}

# Prints what every service has in common: NAME, gRPC PORT, METRICS_PORT, HEALTH_PORT.
service_config() {
  local -r name=$1 port=$2 metrics_port=$3 health_port=$4
  cat <<YAML
listen: {address: "127.0.0.1:$port", reflection: true}
metrics: {address: "127.0.0.1:$metrics_port"}
health: {address: "127.0.0.1:$health_port"}
tls:
  certificate_file: "$run/tls/$name.crt"
  key_file: "$run/tls/$name.key"
  ca_file: "$run/tls/ca.crt"
  crl_dir: "$run/tls/crl"
postgres:
  dsn: "host=127.0.0.1 port=$XXT_POSTGRES_PORT dbname=xxt_$name user=xxt_$name"
  password_file: "$run/secrets/xxt_$name"
  connections: 12
redis:
  address: "127.0.0.1:$XXT_REDIS_PORT"
  username: "xxt"
  password_file: "$run/secrets/redis"
identity:
  jwks_file: "$run/keys/jwks.json"
  audience: "xixinting"
  signing_key_file: "$run/keys/services-$name.jwk"
seal: {key_file: "$run/secrets/seal.keys"}
log: {level: "info"}
drain: {probe_period: "0s"}
YAML
  # A release refuses the clock that tests move.
  [[ $preset == release ]] || echo "clock: {test_file: \"$XXT_CLOCK_FILE\"}"
}

# Writes $XXT_CONTEXT, from which `xxt` knows where everything is.
write_cli_context() {
  cat >"$XXT_CONTEXT" <<YAML
endpoints:
  intake: "127.0.0.1:$XXT_INTAKE_PORT"
  referral: "127.0.0.1:$XXT_REFERRAL_PORT"
  notification: "127.0.0.1:$XXT_NOTIFICATION_PORT"
metrics:
  intake: "http://127.0.0.1:$XXT_INTAKE_METRICS_PORT"
  referral: "http://127.0.0.1:$XXT_REFERRAL_METRICS_PORT"
  notification: "http://127.0.0.1:$XXT_NOTIFICATION_METRICS_PORT"
keys_dir: "$run/keys"
tls:
  certificate_file: "$run/tls/toolbox.crt"
  key_file: "$run/tls/toolbox.key"
  ca_file: "$run/tls/ca.crt"
sims:
  phone: "http://127.0.0.1:$XXT_PHONE_PORT"
  archive: "http://127.0.0.1:$XXT_BODIES_PORT/archive"
  bodies: "http://127.0.0.1:$XXT_BODIES_PORT"
  mail: "http://127.0.0.1:$XXT_MAIL_PORT"
YAML
}
