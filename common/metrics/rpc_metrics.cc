#include "common/metrics/rpc_metrics.h"

namespace xxt::metrics {

RpcMetrics::RpcMetrics(prometheus::Registry& registry)
    : family_(prometheus::BuildHistogram()
                  .Name("rpc_server_call_duration_seconds")
                  .Help("Duration of calls, from arrival to answer")
                  .Register(registry)),
      peer_mismatches_(prometheus::BuildCounter()
                           .Name("xixinting_peer_mismatches_total")
                           .Help("Tokens that were refused because of who brought them, since the start")
                           .Register(registry)
                           .Add({})) {}

void RpcMetrics::Observe(const std::string& method, const std::string& code, absl::Duration duration) {
  prometheus::Histogram* histogram = nullptr;
  {
    const MutexLock lock(mu_);
    prometheus::Histogram*& known = known_[{method, code}];
    if (known == nullptr) {
      known = &family_.Add({{"rpc_method", method}, {"rpc_status_code", code}},
                           prometheus::Histogram::BucketBoundaries{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25,
                                                                   0.5, 1, 2.5, 5, 10});
    }
    histogram = known;
  }
  histogram->Observe(absl::ToDoubleSeconds(duration));
}

}  // namespace xxt::metrics
