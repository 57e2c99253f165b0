#ifndef XXT_COMMON_METRICS_WATCH_METRICS_H_
#define XXT_COMMON_METRICS_WATCH_METRICS_H_

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

namespace xxt::metrics {

// The watches of a service. Thread-safe.
struct WatchMetrics {
  explicit WatchMetrics(prometheus::Registry& registry);

  prometheus::Gauge& streams;
  prometheus::Gauge& behind;
  prometheus::Counter& told;
  prometheus::Counter& failures;
  prometheus::Histogram& lag;
};

}  // namespace xxt::metrics

#endif  // XXT_COMMON_METRICS_WATCH_METRICS_H_
