#ifndef XXT_COMMON_METRICS_RPC_METRICS_H_
#define XXT_COMMON_METRICS_RPC_METRICS_H_

#include <prometheus/counter.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <map>
#include <string>
#include <utility>

#include "absl/time/time.h"
#include "common/concurrency/mutex.h"

namespace xxt::metrics {

// rpc_server_call_duration_seconds{rpc_method,rpc_status_code}, named and
// bucketed after OpenTelemetry's RPC conventions; and how many tokens the wrong peer
// brought. Thread-safe.
class RpcMetrics {
 public:
  explicit RpcMetrics(prometheus::Registry& registry);

  void Observe(const std::string& method, const std::string& code, absl::Duration duration);
  // A token was brought by whom it is not accepted from.
  void CountPeerMismatch() { peer_mismatches_.Increment(); }

 private:
  prometheus::Family<prometheus::Histogram>& family_;
  prometheus::Counter& peer_mismatches_;
  Mutex mu_;
  std::map<std::pair<std::string, std::string>, prometheus::Histogram*> known_ XXT_GUARDED_BY(mu_);
};

}  // namespace xxt::metrics

#endif  // XXT_COMMON_METRICS_RPC_METRICS_H_
