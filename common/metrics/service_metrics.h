#ifndef XXT_COMMON_METRICS_SERVICE_METRICS_H_
#define XXT_COMMON_METRICS_SERVICE_METRICS_H_

#include <prometheus/exposer.h>
#include <prometheus/registry.h>

#include <map>
#include <memory>
#include <set>
#include <string>

#include "common/concurrency/executor.h"
#include "common/concurrency/loop.h"
#include "common/metrics/rpc_metrics.h"
#include "common/metrics/watch_metrics.h"
#include "common/pg/pool.h"
#include "common/tasks/engine.h"

namespace xxt::metrics {

// The Prometheus page of a service, on a port of its own: calls, pool,
// executor, tasks by kind and state with the oldest's age, whom outside nobody
// asks, relay lag, Redis. Gauges are read every five seconds. Never labels with
// ids or people; see docs/operations/telemetry.md.
class ServiceMetrics {
 public:
  // `address` is HOST:PORT. Aborts start-up by exception if it is taken
  // (std::runtime_error from the exposer): main reports it.
  explicit ServiceMetrics(const std::string& address);
  ~ServiceMetrics();

  RpcMetrics& rpc() { return rpc_; }
  WatchMetrics& watches() { return watches_; }
  // For parts that have figures of their own.
  prometheus::Registry& registry() { return *registry_; }

  // Reads gauges from these parts for as long as what it returns lives: they, and
  // this, must outlive it. Pools by the name of their label; which kinds of
  // tasks people do, and not the engine.
  [[nodiscard]] std::unique_ptr<Loop> Watch(const std::map<std::string, pg::Pool*>& pools, Executor& executor,
                                            tasks::Engine& engine, const std::set<std::string>& desk_kinds);

 private:
  std::shared_ptr<prometheus::Registry> registry_;
  RpcMetrics rpc_;
  WatchMetrics watches_;
  std::unique_ptr<prometheus::Exposer> exposer_;
};

}  // namespace xxt::metrics

#endif  // XXT_COMMON_METRICS_SERVICE_METRICS_H_
