#include "common/service/ledger_alarm.h"

#include <prometheus/gauge.h>

#include <vector>

#include "common/concurrency/steady_time.h"
#include "common/events/horizon.h"
#include "common/log/log.h"
#include "common/status/macros.h"

namespace xxt::service {
namespace {

constexpr absl::Duration kLookEvery = absl::Seconds(15);

using Gauges = prometheus::Family<prometheus::Gauge>;

void Look(pg::Pool& pool, Gauges& ages, Gauges& transactions) {
  std::vector<events::Holder> holders;
  const absl::Status status =
      pg::Read(pool, SteadyTime::Now() + absl::Seconds(5), [&](pg::Session& session) -> absl::Status {
        XXT_ASSIGN_OR_RETURN(holders, events::Holders(session));
        return absl::OkStatus();
      });
  if (!status.ok()) return;  // others say that the store is away
  for (const events::Holder& holder : holders) {
    ages.Add({{"holder", holder.what}}).Set(absl::ToDoubleSeconds(holder.age));
    transactions.Add({{"holder", holder.what}}).Set(static_cast<double>(holder.transactions));
    if (!events::HoldsTooLong(holder)) continue;
    log::Warning("ledger.held_back", {{"holder", holder.what},
                                      {"seconds", absl::ToInt64Seconds(holder.age)},
                                      {"transactions", holder.transactions}});
  }
}

}  // namespace

LedgerAlarm::LedgerAlarm(pg::Pool& pool, prometheus::Registry& registry)
    : loop_("ledger-alarm", [&pool,
                             &ages = prometheus::BuildGauge()
                                         .Name("xixinting_ledger_horizon_age_seconds")
                                         .Help("Age of what delays watches (transaction, prepared, untold) or vacuum "
                                               "(snapshot)")
                                         .Register(registry),
                             &transactions = prometheus::BuildGauge()
                                                 .Name("xixinting_ledger_horizon_age_transactions")
                                                 .Help("Transactions that began since")
                                                 .Register(registry)] {
        Look(pool, ages, transactions);
        return kLookEvery;
      }) {}

}  // namespace xxt::service
