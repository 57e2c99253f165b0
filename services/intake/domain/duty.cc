#include "services/intake/domain/duty.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/time/civil_time.h"
#include "common/calendar/shanghai_time.h"
#include "common/calendar/working_days.h"
#include "common/status/errors.h"

namespace xxt::intake {

const Staff* FindStaff(const std::vector<Staff>& people, absl::string_view name) {
  const auto found = std::find_if(people.begin(), people.end(), [name](const Staff& one) { return one.name == name; });
  return found == people.end() ? nullptr : &*found;
}

int HallNumber(absl::string_view hall) {
  constexpr std::size_t kSubDistrict = sizeof("halls/110102016") - 1;
  int number = 0;
  if (hall.size() != kSubDistrict || !absl::SimpleAtoi(hall.substr(kSubDistrict - 3), &number)) return 0;
  return number;
}

absl::StatusOr<calendar::OpeningHours> HoursOf(const Hall& hall) {
  absl::StatusOr<calendar::OpeningHours> hours =
      calendar::OpeningHours::Parse(hall.opening_hours, calendar::WorkingDays::China());
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

}  // namespace xxt::intake
