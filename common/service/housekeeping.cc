#include "common/service/housekeeping.h"

#include <cstdint>
#include <random>

#include "absl/time/clock.h"
#include "common/log/log.h"
#include "common/status/macros.h"

namespace xxt::service {
namespace {

constexpr absl::Duration kMonth = absl::Hours(24 * 30);
// While there is more to do: others want the store too.
constexpr absl::Duration kBreath = absl::Milliseconds(100);
constexpr absl::Duration kStoreDeadline = absl::Seconds(10);
// Also while there is more to do, or something cannot be done.
constexpr absl::Duration kReadHealthEvery = absl::Minutes(1);
// Strays are moved with a lock that others wait for: the more they are, the
// harder it gets, and past some tens of thousands it takes a person.
constexpr absl::Duration kBeforeStraysAreMany = absl::Seconds(2);

constexpr pg::Statement kKeepHouse{"service.keep_house", "SELECT backbone.keep_house()"};
constexpr pg::Statement kHealth{"service.partition_health",
                                "SELECT relation, covered_until, stray FROM backbone.partition_health()"};

// Replicas that start together should not go on together.
absl::Duration About(absl::Duration pause) {
  thread_local std::minstd_rand random(std::random_device{}());
  return pause * std::uniform_real_distribution<double>(0.5, 1.5)(random);
}

}  // namespace

Housekeeping::Housekeeping(pg::Pool& pool, prometheus::Registry& registry)
    : pool_(pool),
      months_ahead_(prometheus::BuildGauge()
                        .Name("xixinting_partition_months_ahead")
                        .Help("How far the partitions of a table reach, in months of 30 days; alarm below 2")
                        .Register(registry)),
      stray_rows_(prometheus::BuildGauge()
                      .Name("xixinting_partition_stray_rows")
                      .Help("Rows for which there was no partition, up to 1,000; alarm above 0")
                      .Register(registry)),
      loop_("housekeeping", [this] { return Step(); }) {}

absl::Duration Housekeeping::Step() {
  const SteadyTime deadline = SteadyTime::Now() + kStoreDeadline;
  bool more = false;
  const absl::Status kept = Keep(deadline, &more);
  absl::Status read;
  if (!more || (health_read_at_ + kReadHealthEvery).passed()) read = ReadHealth(deadline);
  SetMonthsAhead();
  if (kept.ok() && read.ok()) return more ? kBreath : About(absl::Hours(1));
  log::Warning("service.house_not_kept", {{"status", kept.ok() ? read : kept}});
  return About(strays_ ? kBeforeStraysAreMany : absl::Minutes(1));
}

absl::Status Housekeeping::Keep(SteadyTime deadline, bool* more) {
  return pg::InTransaction(pool_, deadline, [&](pg::Session& session) -> absl::Status {
    *more = false;
    XXT_ASSIGN_OR_RETURN(const pg::Result kept, session.Run(kKeepHouse));
    *more = kept[0].Bool(0);
    return absl::OkStatus();
  });
}

absl::Status Housekeeping::ReadHealth(SteadyTime deadline) {
  return pg::Read(pool_, deadline, [&](pg::Session& session) -> absl::Status {
    XXT_ASSIGN_OR_RETURN(const pg::Result tables, session.Run(kHealth));
    health_read_at_ = SteadyTime::Now();
    strays_ = false;
    for (int i = 0; i < tables.size(); ++i) {
      const std::string table = tables[i].Text(0);
      const std::int64_t stray = tables[i].Int(2);
      covered_until_[table] = tables[i].Time(1);
      strays_ = strays_ || stray > 0;
      stray_rows_.Add({{"table", table}}).Set(static_cast<double>(stray));
      if (stray > 0) log::Error("service.no_partition", {{"table", table}, {"rows", stray}});
    }
    return absl::OkStatus();
  });
}

void Housekeeping::SetMonthsAhead() {
  for (const auto& [table, until] : covered_until_) {
    months_ahead_.Add({{"table", table}}).Set(absl::FDivDuration(until - absl::Now(), kMonth));
  }
}

}  // namespace xxt::service
