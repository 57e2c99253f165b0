#ifndef XXT_COMMON_SERVICE_FRONT_H_
#define XXT_COMMON_SERVICE_FRONT_H_

#include <functional>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "common/files/secret.h"
#include "common/rpc/clock_service.h"
#include "common/rpc/edge.h"
#include "common/rpc/server.h"
#include "common/rpc/task_service.h"
#include "common/rpc/watch.h"
#include "common/seal/seal.h"
#include "common/service/base.h"
#include "common/service/event_sealer.h"
#include "common/service/ledger_alarm.h"
#include "common/service/rotation.h"
#include "common/tasks/engine.h"

namespace xxt::service {

// What clients reach of a service: the edge its RPCs share, watches, the task
// list, health; and, in test builds, the clock. Thread-safe.
class Front {
 public:
  // All must outlive this. Where rows stand under a key that `keys` lack, health
  // says NOT_SERVING and the log why. `keys`, what every service is given in files, and the service's `own` secrets are
  // exchanged while it lives (rotation.h).
  Front(Base& base, tasks::Engine& engine, const std::vector<tasks::DeskKind>& desk_kinds, const seal::Keyring& keys,
        std::vector<files::Secret> own = {});
  ~Front();

  rpc::Edge& edge() { return edge_; }
  rpc::Watcher& watcher() { return watcher_; }

  // Starts listening with `services` and the task service. Errors:
  // UNAVAILABLE if the address cannot be had.
  absl::Status Serve(std::vector<grpc::Service*> services);
  int port() const { return server_->port(); }

  // The one order in which services stop: health says no at once; all goes on
  // for a probe period; `begin_stop` asks the service's own loops to end, and
  // must not wait for them; streams end, new calls are refused, running calls
  // finish; then running tasks do; then their spans are sent. Idempotent.
  void Drain(const std::function<void()>& begin_stop = [] {});

 private:
  Base& base_;
  tasks::Engine& engine_;
  const seal::Keyring& keys_;
  pg::Pool health_pool_;  // of one connection, so that health never waits for a free one
  rpc::Watcher watcher_;
  LedgerAlarm ledger_alarm_;
  EventSealer event_sealer_;
  Rotation rotation_;
  rpc::Edge edge_;
  rpc::TaskService tasks_;
  std::unique_ptr<rpc::ClockService> clock_;
  std::unique_ptr<Loop> gauges_;
  std::unique_ptr<rpc::Server> server_;
};

}  // namespace xxt::service

#endif  // XXT_COMMON_SERVICE_FRONT_H_
