#include "common/metrics/watch_metrics.h"

namespace xxt::metrics {
namespace {

prometheus::Gauge& AddGauge(prometheus::Registry& registry, const char* name, const char* help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry).Add({});
}

prometheus::Counter& AddCounter(prometheus::Registry& registry, const char* name, const char* help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry).Add({});
}

}  // namespace

WatchMetrics::WatchMetrics(prometheus::Registry& registry)
    : streams(AddGauge(registry, "xixinting_watch_streams", "Open watches")),
      behind(AddGauge(registry, "xixinting_watch_streams_behind", "Watches that are told from further back")),
      told(AddCounter(registry, "xixinting_watch_events_told_total", "Events told, once per watch")),
      failures(AddCounter(registry, "xixinting_watch_read_failures_total", "Failed reads of the ledger")),
      lag(prometheus::BuildHistogram()
              .Name("xixinting_watch_lag_seconds")
              .Help("From the begin of an event's transaction to its telling, once per event")
              .Register(registry)
              .Add({}, prometheus::Histogram::BucketBoundaries{0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30, 300})) {}

}  // namespace xxt::metrics
