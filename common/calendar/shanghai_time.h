#ifndef XXT_COMMON_CALENDAR_SHANGHAI_TIME_H_
#define XXT_COMMON_CALENDAR_SHANGHAI_TIME_H_

#include "absl/time/civil_time.h"
#include "absl/time/time.h"

namespace xxt::calendar {

// Returns Asia/Shanghai as the fixed offset +08:00.
//
// Needs no tzdata on the machine. Exact for every moment since 1991-09-15, when
// China gave up daylight saving time; summer moments of 1986 to 1991 read an hour
// early, which no rule here looks at.
absl::TimeZone Shanghai();

// Returns the day in Shanghai at moment `t`.
absl::CivilDay ToCivilDay(absl::Time t);

// Returns 00:00 of `day` in Shanghai.
absl::Time StartOfDay(absl::CivilDay day);

// Returns 24:00 of `day` in Shanghai, the first moment that is no longer `day`.
// A term that ends on `day` has run out once now >= EndOfDay(day) (Civil Code 203).
absl::Time EndOfDay(absl::CivilDay day);

// Returns the moment `hour`:`minute` of `day` in Shanghai; 24:00 is EndOfDay.
absl::Time AtTimeOfDay(absl::CivilDay day, int hour, int minute);

}  // namespace xxt::calendar

#endif  // XXT_COMMON_CALENDAR_SHANGHAI_TIME_H_
