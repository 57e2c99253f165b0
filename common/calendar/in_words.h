#ifndef XXT_COMMON_CALENDAR_IN_WORDS_H_
#define XXT_COMMON_CALENDAR_IN_WORDS_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"

// Days and hours as people here read them.
namespace xxt::calendar {

// "2027年2月16日".
std::string DayInWords(absl::CivilDay day);

// Opening hours, "Mon-Fri 08:30-16:00; Sat 09:00-12:00", in words: "周一至周五
// 08:30-16:00；周六 09:00-12:00". Other texts stay as they are.
std::string HoursInWords(absl::string_view hours);

}  // namespace xxt::calendar

#endif  // XXT_COMMON_CALENDAR_IN_WORDS_H_
