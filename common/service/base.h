#ifndef XXT_COMMON_SERVICE_BASE_H_
#define XXT_COMMON_SERVICE_BASE_H_

#include <grpcpp/security/credentials.h>
#include <grpcpp/security/server_credentials.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/clock/clock.h"
#include "common/concurrency/executor.h"
#include "common/config/service_config.h"
#include "common/files/secret.h"
#include "common/identity/token.h"
#include "common/metrics/service_metrics.h"
#include "common/pg/pool.h"
#include "common/seal/seal.h"
#include "common/service/certificate_watch.h"
#include "common/service/housekeeping.h"
#include "common/service/rotation.h"
#include "common/tasks/engine.h"
#include "common/tls/credentials.h"
#include "common/trace/exporter.h"

namespace xxt::service {

// What every service stands on, made from its configuration. Nothing here
// needs a store yet: until PostgreSQL answers, health says NOT_SERVING.
class Base {
 public:
  // Errors: INVALID_ARGUMENT (keys, certificates, clock), UNAVAILABLE (metrics address taken).
  static absl::StatusOr<std::unique_ptr<Base>> Make(const std::string& name, const config::Service& config);

  const std::string& name() const { return name_; }
  const config::Service& config() const { return config_; }
  const identity::Verifier& verifier() const { return *verifier_; }
  const identity::Signer& signer() const { return *signer_; }
  // How this service is known, and whom it speaks to: the service `peer` ("intake").
  std::shared_ptr<grpc::ServerCredentials> server_credentials() const;
  std::shared_ptr<grpc::ChannelCredentials> credentials_to(const std::string& peer) const;
  // What the certificates of callers must name; empty in a test that speaks plaintext.
  std::string trust_domain() const { return tls_ == nullptr ? "" : config_.tls.trust_domain; }
  const Clock& clock() const { return *clock_; }
  // The clock that tests may advance; null in other builds.
  FileClock* test_clock() const { return test_clock_; }
  // For requests alone, so that they cannot starve the rest. Each of the two
  // has half of postgres.connections.
  pg::Pool& request_pool() { return *request_pool_; }
  pg::Pool& pool() { return *pool_; }
  Executor& executor() { return *executor_; }
  metrics::ServiceMetrics& metrics() { return *metrics_; }
  // `keys` outlive the engine: it claims nothing while they are not known to be the database's.
  tasks::EngineOptions engine_options(const seal::Keyring& keys) const;
  // Where tasks are made; the engine's own first.
  std::vector<pg::Pool*> pools() { return {pool_.get(), request_pool_.get()}; }
  // The keys and secrets that are exchanged while the service runs: those of every service, and its `own`. This must
  // outlive them.
  std::vector<Rotation::Source> rotating(std::vector<files::Secret> own);
  // A pool to the same database.
  pg::PoolOptions pool_options(int connections) const;
  // Ends what runs by itself, once a running step has finished; does not wait.
  void BeginStop();
  // Where spans go; null: none are made. Stops last of all.
  trace::Exporter* exporter() { return exporter_.get(); }

 private:
  Base(std::string name, config::Service config) : name_(std::move(name)), config_(std::move(config)) {}

  const std::string name_;
  const config::Service config_;
  std::unique_ptr<identity::Verifier> verifier_;
  std::unique_ptr<identity::Signer> signer_;
  std::unique_ptr<tls::Credentials> tls_;  // null: plaintext, in tests
  std::unique_ptr<Clock> clock_;
  FileClock* test_clock_ = nullptr;
  std::unique_ptr<pg::Pool> request_pool_;
  std::unique_ptr<pg::Pool> pool_;
  std::unique_ptr<Executor> executor_;
  std::unique_ptr<metrics::ServiceMetrics> metrics_;
  std::unique_ptr<Housekeeping> housekeeping_;
  std::unique_ptr<trace::Exporter> exporter_;
  std::unique_ptr<CertificateWatch> certificate_watch_;
};

}  // namespace xxt::service

#endif  // XXT_COMMON_SERVICE_BASE_H_
