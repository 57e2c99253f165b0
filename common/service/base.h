#ifndef XXT_COMMON_SERVICE_BASE_H_
#define XXT_COMMON_SERVICE_BASE_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/clock/clock.h"
#include "common/concurrency/executor.h"
#include "common/config/service_config.h"
#include "common/identity/token.h"
#include "common/metrics/service_metrics.h"
#include "common/pg/pool.h"
#include "common/seal/seal.h"
#include "common/service/housekeeping.h"
#include "common/tasks/engine.h"
#include "common/trace/exporter.h"

namespace xxt::service {

// What every service stands on, made from its configuration. Nothing here
// needs a store yet: until PostgreSQL answers, health says NOT_SERVING.
class Base {
 public:
  // Errors: INVALID_ARGUMENT (keys, clock), UNAVAILABLE (metrics address taken).
  static absl::StatusOr<std::unique_ptr<Base>> Make(const std::string& name, const config::Service& config);

  const std::string& name() const { return name_; }
  const config::Service& config() const { return config_; }
  const identity::Verifier& verifier() const { return *verifier_; }
  const identity::Signer& signer() const { return *signer_; }
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
  // A pool to the same database.
  pg::PoolOptions pool_options(int connections) const;
  // Ends what runs by itself, once a running step has finished; does not wait.
  void BeginStop() { housekeeping_->BeginStop(); }
  // Where spans go; null: none are made. Stops last of all.
  trace::Exporter* exporter() { return exporter_.get(); }

 private:
  Base(std::string name, config::Service config) : name_(std::move(name)), config_(std::move(config)) {}

  const std::string name_;
  const config::Service config_;
  std::unique_ptr<identity::Verifier> verifier_;
  std::unique_ptr<identity::Signer> signer_;
  std::unique_ptr<Clock> clock_;
  FileClock* test_clock_ = nullptr;
  std::unique_ptr<pg::Pool> request_pool_;
  std::unique_ptr<pg::Pool> pool_;
  std::unique_ptr<Executor> executor_;
  std::unique_ptr<metrics::ServiceMetrics> metrics_;
  std::unique_ptr<Housekeeping> housekeeping_;
  std::unique_ptr<trace::Exporter> exporter_;
};

}  // namespace xxt::service

#endif  // XXT_COMMON_SERVICE_BASE_H_
