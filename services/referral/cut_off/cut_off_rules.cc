#include "services/referral/cut_off/cut_off_rules.h"

#include <algorithm>
#include <array>

#include "common/calendar/shanghai_time.h"

namespace xxt::referral {
namespace {

// Widest first. docs/domain/stories.md, 46.
constexpr std::array<int, 5> kRungs = {90, 30, 7, 1, 0};
constexpr int kWarningHour = 9;

}  // namespace

CutOff ComputeCutOff(absl::CivilDay anchor, const RulePeriod& period, const calendar::WorkingDays& working_days) {
  const absl::CivilMonth month = absl::CivilMonth(anchor) + 12LL * period.years + period.months;
  const absl::CivilDay end_of_month = absl::CivilDay(month + 1) - 1;
  const absl::CivilDay corresponding = absl::CivilDay(month) + (anchor.day() - 1);
  const absl::CivilDay last_day = std::min(corresponding, end_of_month) + period.days;
  const calendar::DayResult safe = working_days.LastWorkdayOnOrBefore(last_day);
  return {.last_day = last_day, .last_safe_day = safe.day, .provisional = safe.provisional};
}

bool HasLapsed(const CutOff& cut_off, absl::Time now) { return now >= calendar::EndOfDay(cut_off.last_day); }

std::vector<Warning> WarningsFor(const CutOff& cut_off, absl::Time now) {
  std::vector<Warning> warnings;
  if (!HasLapsed(cut_off, now)) {
    for (const int rung : kRungs) {
      const absl::CivilDay day = cut_off.last_safe_day - rung;
      const absl::Time planned = calendar::AtTimeOfDay(day, kWarningHour, 0);
      // Rungs come in the order of time, so only the tightest one reached stays.
      if (planned <= now) warnings.clear();
      warnings.push_back({.rung = rung, .day = day, .fire_time = std::max(planned, now)});
    }
  }
  const absl::CivilDay after = cut_off.last_day + 1;
  warnings.push_back(
      {.rung = kPassedRung, .day = after, .fire_time = std::max(calendar::AtTimeOfDay(after, kWarningHour, 0), now)});
  return warnings;
}

}  // namespace xxt::referral
