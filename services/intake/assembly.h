#ifndef XXT_SERVICES_INTAKE_ASSEMBLY_H_
#define XXT_SERVICES_INTAKE_ASSEMBLY_H_

#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "common/clock/clock.h"
#include "common/concurrency/executor.h"
#include "common/identity/token.h"
#include "common/metrics/service_metrics.h"
#include "common/pg/pool.h"
#include "common/rpc/client.h"
#include "common/rpc/clock_service.h"
#include "common/rpc/edge.h"
#include "common/rpc/server.h"
#include "common/rpc/task_service.h"
#include "common/rpc/watch.h"
#include "common/tasks/engine.h"
#include "services/intake/api/case_service.h"
#include "services/intake/api/duty_service.h"
#include "services/intake/config.h"
#include "services/intake/peers/notification.h"
#include "services/intake/storage/serials.h"

namespace xxt::intake {

// All of the service, in the order of who needs whom: main runs one, and so do
// the contract tests.
class Assembly {
 public:
  // Starts everything and listens. Needs no store yet: until PostgreSQL
  // answers, health says NOT_SERVING.
  // Errors: INVALID_ARGUMENT (keys, clock), UNAVAILABLE (an address is taken).
  static absl::StatusOr<std::unique_ptr<Assembly>> Start(const Config& config);
  ~Assembly();

  int port() const { return server_->port(); }

  // Stops as an operator wants it: streams end, running calls and tasks
  // finish. Idempotent; the destructor does it too.
  void Drain();

 private:
  Assembly(const Config& config, std::unique_ptr<identity::Verifier> verifier,
           std::unique_ptr<identity::Signer> signer, std::unique_ptr<Clock> clock);

  const Config config_;
  const std::unique_ptr<identity::Verifier> verifier_;
  const std::unique_ptr<identity::Signer> signer_;
  const std::unique_ptr<Clock> clock_;
  pg::Pool pool_;
  rpc::Client notification_client_;
  const std::unique_ptr<Notification> notification_;
  Serials serials_;
  const std::vector<tasks::DeskKind> desk_kinds_;
  Executor executor_;
  tasks::Engine engine_;
  metrics::ServiceMetrics metrics_;
  rpc::Watcher watcher_;
  rpc::Edge edge_;
  api::CaseService cases_;
  api::DutyService duty_;
  rpc::TaskService tasks_;
  std::unique_ptr<rpc::ClockService> clock_service_;  // test builds only
  std::unique_ptr<rpc::Server> server_;
};

}  // namespace xxt::intake

#endif  // XXT_SERVICES_INTAKE_ASSEMBLY_H_
