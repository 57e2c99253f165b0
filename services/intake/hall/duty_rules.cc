#include "services/intake/hall/duty_rules.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/time/civil_time.h"
#include "common/calendar/shanghai_time.h"
#include "common/calendar/working_days.h"
#include "common/status/errors.h"

namespace xxt::intake::hall {

int DivisionOf(absl::string_view name) {
  constexpr std::size_t kPrefix = sizeof("halls/") - 1;
  int division = 0;
  if (name.size() < kPrefix + 6 || !absl::SimpleAtoi(name.substr(kPrefix, 6), &division)) return 0;
  return division;
}

absl::StatusOr<calendar::OpeningHours> HoursOf(absl::string_view opening_hours) {
  absl::StatusOr<calendar::OpeningHours> hours =
      calendar::OpeningHours::Parse(opening_hours, calendar::WorkingDays::China());
  if (!hours.ok()) return errors::Internal("hall.opening_hours");
  return hours;
}

absl::Time AddOpenTime(const calendar::OpeningHours& hours, absl::Time start, absl::Duration span) {
  absl::Time at = hours.NextOpen(start);
  for (;;) {
    for (const calendar::OpenSpan& open : hours.SpansOn(calendar::ToCivilDay(at))) {
      if (at >= open.end) continue;
      at = std::max(at, open.start);
      if (at + span <= open.end) return at + span;
      span -= open.end - at;
      at = open.end;
    }
    // Not before the next day: what is left of this one was used up.
    at = hours.NextOpen(calendar::EndOfDay(calendar::ToCivilDay(at - absl::Nanoseconds(1))));
  }
}

}  // namespace xxt::intake::hall
