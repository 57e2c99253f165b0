#ifndef XXT_TOOLS_XXT_TEXT_TIME_H_
#define XXT_TOOLS_XXT_TEXT_TIME_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"

// Times as people write and read them, in Asia/Shanghai.
namespace xxt::cli {

// A step through the calendar: "-10y+80d", "2d", "90m", "1h30m". Years, months
// ("mo") and days are those of the calendar; the rest is a duration.
struct CalendarStep {
  int years = 0;
  int months = 0;
  int days = 0;
  absl::Duration rest;
};

// Errors: INVALID_ARGUMENT.
absl::StatusOr<CalendarStep> ParseStep(const std::string& text);

absl::CivilDay Add(absl::CivilDay day, const CalendarStep& step);
absl::Time Add(absl::Time time, const CalendarStep& step);

// A moment: RFC 3339, "2026-03-02T09:00" or "2026-03-02 09:00" in Shanghai, or
// a step from `now`, "+2d".
// Errors: INVALID_ARGUMENT.
absl::StatusOr<absl::Time> ParseMoment(const std::string& text, absl::Time now);

// The first moment after `now` at which it is "09:00" in Shanghai, on a
// working day if `workday`.
// Errors: INVALID_ARGUMENT.
absl::StatusOr<absl::Time> NextAt(const std::string& time_of_day, bool workday, absl::Time now);

// "2026-11-23T09:40:00Z", for proto3 JSON.
std::string ToRfc3339(absl::Time time);
// "11-23 09:40", or with the year if it is not that of `now`.
std::string ToShort(absl::Time time, absl::Time now);
// "11月23日 周一 09:40".
std::string ToChinese(absl::Time time);
// "2026年11月23日".
std::string ToChinese(absl::CivilDay day);

}  // namespace xxt::cli

#endif  // XXT_TOOLS_XXT_TEXT_TIME_H_
