#include "common/metrics/service_metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "absl/time/clock.h"
#include "common/concurrency/guard.h"
#include "common/store/table.h"

namespace xxt::metrics {
namespace {

constexpr absl::Duration kReadEvery = absl::Seconds(5);

prometheus::Family<prometheus::Gauge>& AddGauge(prometheus::Registry& registry, const char* name, const char* help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry);
}

prometheus::Family<prometheus::Counter>& AddCounter(prometheus::Registry& registry, const char* name,
                                                    const char* help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
}

// Brings a counter up to what has been counted elsewhere.
void CatchUp(prometheus::Counter& counter, std::int64_t counted) {
  counter.Increment(static_cast<double>(counted) - counter.Value());
}

}  // namespace

ServiceMetrics::ServiceMetrics(const std::string& address)
    : registry_(std::make_shared<prometheus::Registry>()),
      rpc_(*registry_),
      watches_(*registry_),
      exposer_(std::make_unique<prometheus::Exposer>(address, 1)) {
  exposer_->RegisterCollectable(registry_);
}

ServiceMetrics::~ServiceMetrics() = default;

std::unique_ptr<Loop> ServiceMetrics::Watch(const std::map<std::string, pg::Pool*>& pools, Executor& executor,
                                            tasks::Engine& engine, const std::set<std::string>& desk_kinds) {
  auto& in_use = AddGauge(*registry_, "xixinting_pg_connections_in_use", "Connections in use");
  auto& limit = AddGauge(*registry_, "xixinting_pg_connections_limit", "Most connections");
  auto& queued = AddGauge(*registry_, "xixinting_executor_queued", "Requests waiting for a thread").Add({});
  auto& lag = AddGauge(*registry_, "xixinting_task_relay_lag_seconds", "Commit to hand-out, last batch").Add({});
  auto& redis = AddGauge(*registry_, "xixinting_redis_up", "1 if the relay reaches Redis").Add({});
  auto& caught =
      AddCounter(*registry_, "xixinting_exceptions_caught_total", "Inputs that made the code throw: defects").Add({});
  auto& unreadable = AddCounter(*registry_, "xixinting_store_unreadable_rows_total", "Reads of rows that are damaged");
  auto& tasks = AddGauge(*registry_, "xixinting_tasks", "Tasks by kind and state; desk tasks when due");
  auto& oldest = AddGauge(*registry_, "xixinting_task_oldest_age_seconds", "How long the oldest due task waits");
  auto& at_rest = AddGauge(*registry_, "xixinting_party_at_rest", "1 if it did not answer and is left alone");
  for (const auto& [name, pool] : pools) limit.Add({{"pool", name}}).Set(pool->limit());
  return std::make_unique<Loop>(
      "metrics",
      [&, pools, desk_kinds, seen = std::set<std::pair<std::string, std::string>>(),
       rested = std::set<std::string>()]() mutable -> absl::Duration {
        for (const auto& [name, pool] : pools) in_use.Add({{"pool", name}}).Set(pool->in_use());
        queued.Set(static_cast<double>(executor.queued()));
        lag.Set(absl::ToDoubleSeconds(engine.relay_lag()));
        redis.Set(engine.redis_ok() ? 1 : 0);
        CatchUp(caught, CaughtExceptions());
        for (const store::TableBase* table : store::TableBase::All()) {
          CatchUp(unreadable.Add({{"table", table->name()}}), table->unreadable());
        }
        for (const std::string& party : rested) at_rest.Add({{"party", party}}).Set(0);
        for (const std::string& party : engine.parties_at_rest()) {
          rested.insert(party);
          at_rest.Add({{"party", party}}).Set(1);
        }
        const auto backlog = engine.ReadBacklog(absl::Now() + kReadEvery);
        if (!backlog.ok()) return kReadEvery;
        const auto set = [&](const std::string& kind, const std::string& state, double count, double age) {
          const prometheus::Labels labels = {
              {"kind", kind}, {"state", state}, {"done_by", desk_kinds.count(kind) > 0 ? "people" : "machine"}};
          tasks.Add(labels).Set(count);
          oldest.Add(labels).Set(age);
        };
        for (const auto& [kind, state] : seen) set(kind, state, 0, 0);
        for (const tasks::Backlog& item : *backlog) {
          seen.insert({item.kind, item.state});
          set(item.kind, item.state, static_cast<double>(item.count), absl::ToDoubleSeconds(item.oldest));
        }
        return kReadEvery;
      });
}

}  // namespace xxt::metrics
