#ifndef XXT_COMMON_CALENDAR_WORKING_DAYS_DATA_H_
#define XXT_COMMON_CALENDAR_WORKING_DAYS_DATA_H_

#include "absl/strings/string_view.h"

namespace xxt::calendar {

// Returns the text of working_days_cn.json as it was when the build was configured.
absl::string_view WorkingDaysCnJson();

}  // namespace xxt::calendar

#endif  // XXT_COMMON_CALENDAR_WORKING_DAYS_DATA_H_
