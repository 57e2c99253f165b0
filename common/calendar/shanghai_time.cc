#include "common/calendar/shanghai_time.h"

namespace xxt::calendar {
namespace {

constexpr int kOffsetSeconds = 8 * 60 * 60;

}  // namespace

absl::TimeZone Shanghai() { return absl::FixedTimeZone(kOffsetSeconds); }

absl::CivilDay ToCivilDay(absl::Time t) { return absl::ToCivilDay(t, Shanghai()); }

absl::Time StartOfDay(absl::CivilDay day) { return absl::FromCivil(day, Shanghai()); }

absl::Time EndOfDay(absl::CivilDay day) { return StartOfDay(day + 1); }

absl::Time AtTimeOfDay(absl::CivilDay day, int hour, int minute) {
  return StartOfDay(day) + absl::Hours(hour) + absl::Minutes(minute);
}

}  // namespace xxt::calendar
