#include "common/calendar/in_words.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace xxt::calendar {

std::string DayInWords(absl::CivilDay day) {
  return absl::StrCat(day.year(), "年", day.month(), "月", day.day(), "日");
}

std::string HoursInWords(absl::string_view hours) {
  if (hours == "24/7") return "全天（节假日不休）";
  return absl::StrReplaceAll(hours, {{"Mon-", "周一至"},
                                     {"Tue-", "周二至"},
                                     {"Wed-", "周三至"},
                                     {"Thu-", "周四至"},
                                     {"Fri-", "周五至"},
                                     {"Sat-", "周六至"},
                                     {"Mon", "周一"},
                                     {"Tue", "周二"},
                                     {"Wed", "周三"},
                                     {"Thu", "周四"},
                                     {"Fri", "周五"},
                                     {"Sat", "周六"},
                                     {"Sun", "周日"},
                                     {"; ", "；"},
                                     {",", "、"}});
}

}  // namespace xxt::calendar
