#ifndef XXT_COMMON_CONFIG_SERVICE_CONFIG_H_
#define XXT_COMMON_CONFIG_SERVICE_CONFIG_H_

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/time/time.h"
#include "common/config/config.h"
#include "common/files/secret.h"
#include "common/identifiers/uuid.h"
#include "common/tls/files.h"

namespace xxt::config {

// What every service's configuration has.
struct Service {
  std::string cell = "0000";
  std::string listen_address = "127.0.0.1:50051";
  bool reflection = false;
  xxt::tls::Files tls;
  bool tls_plaintext = false;  // in tests
  std::string health_address = "127.0.0.1:9091";
  std::string metrics_address = "127.0.0.1:9090";
  std::string postgres_dsn;
  files::Secret postgres_password;
  int postgres_connections = 12;
  std::string redis_address = "127.0.0.1:6379";
  std::string redis_username;
  files::Secret redis_password;
  std::string jwks_file;
  std::string audience = "xixinting";
  std::string staff_issuer;
  files::Secret signing_key;
  std::string seal_key_file;
  int executor_threads = 32;
  int executor_queue = 128;
  int task_workers = 2;
  absl::Duration task_lease = absl::Seconds(30);
  absl::Duration task_redeliver_after = absl::Seconds(10);
  std::string log_level = "info";
  std::string test_clock_file;
  absl::Duration probe_period = absl::Seconds(5);
  absl::Duration drain_deadline = absl::Seconds(8);
  std::string trace_otlp_endpoint;
  int trace_one_in = 1;

  void Bind(Binder& binder) {
    binder.Field("cell", &cell,
                 "Which instance of the system this is, four hexadecimal digits, the same for all its services: ids "
                 "that it makes end with them.");
    binder.Field("listen.address", &listen_address, "HOST:PORT of gRPC, over mutual TLS.");
    binder.Field("listen.reflection", &reflection, "Server reflection; for development.");
    binder.Field("tls.certificate_file", &tls.certificate,
                 "This service's certificate, then those between it and the CA; PEM. Required.");
    binder.Field("tls.key_file", &tls.key, "Its private key; PEM. Required.");
    binder.Field("tls.ca_file", &tls.ca, "Certificates of the CAs that are trusted; PEM. Required.");
    binder.Field("tls.crl_dir", &tls.crl_dir,
                 "Folder of certificates taken back, as openssl rehash names the lists. Empty: none are.");
    binder.Field("tls.trust_domain", &tls.trust_domain, "What all certificates name: spiffe://TRUST_DOMAIN/NAME.");
#ifdef XXT_TEST_CLOCK
    binder.Field("tls.plaintext", &tls_plaintext, "No TLS, on loopback; for tests.");
#endif
    binder.Field("health.address", &health_address,
                 "HOST:PORT of health alone, in plaintext: for the kubelet's probes.");
    binder.Field("metrics.address", &metrics_address, "HOST:PORT of Prometheus metrics.");
    binder.Field("postgres.dsn", &postgres_dsn, "libpq connection string, without a password. Required.");
    binder.Secret("postgres.password_file", &postgres_password, "File with the role's password.");
    binder.Field("postgres.connections", &postgres_connections,
                 "Most connections: half for requests, half for the rest.");
    binder.Field("redis.address", &redis_address, "HOST:PORT or unix:PATH.");
    binder.Field("redis.username", &redis_username, "ACL user. Empty: default.");
    binder.Secret("redis.password_file", &redis_password, "File with the ACL user's password.");
    binder.Field("identity.jwks_file", &jwks_file, "JWKS with the public keys that may sign tokens. Required.");
    binder.Field("identity.audience", &audience, "What tokens must be made for.");
    binder.Field("identity.staff_issuer", &staff_issuer,
                 "iss of people's tokens, the identity provider's URL. Empty: the signing key's kid.");
    binder.Secret("identity.signing_key_file", &signing_key, "This service's private JWK. Required.");
    binder.Field("seal.key_file", &seal_key_file,
                 "File with the keys that wrap data keys; only its owner may read it. Required.");
    binder.Field("executor.threads", &executor_threads, "Requests worked on at a time.");
    binder.Field("executor.queue", &executor_queue, "Requests waiting before new ones are refused.");
    binder.Field("tasks.workers", &task_workers,
                 "How many tasks of one kind and lane are done at a time, where nothing else is said.");
    binder.Field("tasks.lease", &task_lease, "How long a worker holds a task; a crash costs up to this long.");
    binder.Field("tasks.redeliver_after", &task_redeliver_after,
                 "How long a handed-out task may stay unclaimed; a flush of Redis costs up to this long.");
    binder.Field("log.level", &log_level, "debug, info, warning or error.");
    binder.Field("clock.test_file", &test_clock_file, "Advancing clock of a test build; refused by other builds.");
    binder.Field("drain.probe_period", &probe_period, "How long to go on serving after health says no.");
    binder.Field("drain.deadline", &drain_deadline, "How long running calls may take to finish.");
    binder.Field("trace.otlp_endpoint", &trace_otlp_endpoint,
                 "HOST:PORT of a collector that takes spans, OTLP over gRPC. Empty: none are made.");
    binder.Field("trace.one_in", &trace_one_in,
                 "Of how many traces that begin here one is recorded; whoever calls decides for theirs.");
  }

  // What no single key shows: "key: what is wrong" each.
  std::vector<std::string> Problems() const {
    std::vector<std::string> problems;
    const auto demand = [&problems](bool good, const char* problem) {
      if (!good) problems.emplace_back(problem);
    };
    demand(identifiers::ParseCell(cell).has_value(), "cell: must be four hexadecimal digits in lower case");
    demand(!tls.certificate.empty() || tls_plaintext, "tls.certificate_file: is required");
    demand(!tls.key.empty() || tls_plaintext, "tls.key_file: is required");
    demand(!tls.ca.empty() || tls_plaintext, "tls.ca_file: is required");
    demand(!tls.trust_domain.empty(), "tls.trust_domain: is required");
    demand(!tls_plaintext || absl::StartsWith(listen_address, "127.0.0.1:"),
           "tls.plaintext: is for a listen.address on 127.0.0.1 only");
    demand(!health_address.empty(), "health.address: is required");
    demand(!postgres_dsn.empty(), "postgres.dsn: is required");
    demand(postgres_connections >= 2, "postgres.connections: must be 2 or more");
    demand(!jwks_file.empty(), "identity.jwks_file: is required");
    demand(!signing_key.empty(), "identity.signing_key_file: is required");
    demand(!seal_key_file.empty(), "seal.key_file: is required");
    demand(executor_threads >= 1, "executor.threads: must be 1 or more");
    demand(executor_queue >= 1, "executor.queue: must be 1 or more");
    demand(task_workers >= 1 && task_workers <= 64, "tasks.workers: must be from 1 to 64");
    demand(task_lease >= absl::Seconds(4), "tasks.lease: must be 4s or more");
    demand(task_redeliver_after > absl::ZeroDuration(), "tasks.redeliver_after: must be more than 0s");
    const bool is_address = trace_otlp_endpoint.find(':') != std::string::npos;
    demand(trace_otlp_endpoint.empty() || (is_address && trace_otlp_endpoint.find('/') == std::string::npos),
           "trace.otlp_endpoint: must be HOST:PORT, or empty");
    demand(trace_one_in >= 1, "trace.one_in: must be 1 or more");
    return problems;
  }
};

}  // namespace xxt::config

#endif  // XXT_COMMON_CONFIG_SERVICE_CONFIG_H_
