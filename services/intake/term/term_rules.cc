#include "services/intake/term/term_rules.h"

#include <algorithm>

#include "common/calendar/shanghai_time.h"

namespace xxt::intake {
namespace {

constexpr int kWarnings[] = {5, 3, 1, 0};

absl::Time MomentOf(int warning, absl::CivilDay last_day, const calendar::WorkingDays& days) {
  return calendar::AtTimeOfDay(days.AddWorkdays(last_day, -warning).day, 9, 0);
}

}  // namespace

calendar::DayResult LastDayOf(absl::CivilDay start, int workdays, const std::vector<Pause>& pauses,
                              const calendar::WorkingDays& days) {
  calendar::DayResult last = days.AddWorkdays(start, workdays);
  for (const Pause& pause : pauses) {
    // Working days after `before` and up to `end` are those that the pause takes.
    const absl::CivilDay before = std::max(pause.from - 1, start);
    const absl::CivilDay end = pause.until - 1;
    if (pause.from > last.day || end <= before) continue;
    const calendar::DayResult later = days.AddWorkdays(last.day, days.WorkdaysBetween(before, end));
    last = {later.day, last.provisional || later.provisional};
  }
  return last;
}

bool StopsFor(TermKind kind, PauseGround ground) {
  if (kind == TermKind::kPromise) return true;
  return kind == TermKind::kStatutory && ground >= PauseGround::kAppraisal && ground <= PauseGround::kExpertReview;
}

std::optional<int> WarningReached(absl::CivilDay last_day, int warned, absl::Time now,
                                  const calendar::WorkingDays& days) {
  std::optional<int> reached;
  for (const int warning : kWarnings) {
    if (warning < warned && now >= MomentOf(warning, last_day, days)) reached = warning;
  }
  return reached;
}

absl::Time NextLook(absl::CivilDay last_day, int warned, const calendar::WorkingDays& days) {
  for (const int warning : kWarnings) {
    if (warning < warned) return MomentOf(warning, last_day, days);
  }
  return calendar::EndOfDay(last_day);
}

}  // namespace xxt::intake
