#include "tools/xxt/text_time.h"

#include <array>
#include <cctype>
#include <cstdlib>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/calendar/in_words.h"
#include "common/calendar/shanghai_time.h"
#include "common/calendar/working_days.h"
#include "common/status/errors.h"
#include "tools/xxt/failure.h"

namespace xxt::cli {
namespace {

using calendar::Shanghai;

absl::Status Bad(const std::string& text, const char* zh, const char* en) {
  return errors::InBothLanguages(absl::StatusCode::kInvalidArgument, absl::StrCat("“", text, "”不是", zh),
                                 absl::StrCat("'", text, "' is not ", en));
}

bool AddUnit(const std::string& unit, int amount, CalendarStep* step) {
  if (unit == "y") {
    step->years += amount;
  } else if (unit == "mo") {
    step->months += amount;
  } else if (unit == "w") {
    step->days += 7 * amount;
  } else if (unit == "d") {
    step->days += amount;
  } else if (unit == "h") {
    step->rest += absl::Hours(amount);
  } else if (unit == "m") {
    step->rest += absl::Minutes(amount);
  } else if (unit == "s") {
    step->rest += absl::Seconds(amount);
  } else {
    return false;
  }
  return true;
}

}  // namespace

absl::StatusOr<CalendarStep> ParseStep(const std::string& text) {
  CalendarStep step;
  int sign = 1;
  std::size_t i = 0;
  while (i < text.size()) {
    if (text[i] == '+' || text[i] == '-') sign = text[i++] == '-' ? -1 : 1;
    std::size_t end = i;
    while (end < text.size() && std::isdigit(static_cast<unsigned char>(text[end]))) ++end;
    std::size_t unit_end = end;
    while (unit_end < text.size() && std::isalpha(static_cast<unsigned char>(text[unit_end]))) ++unit_end;
    int amount = 0;
    if (!absl::SimpleAtoi(text.substr(i, end - i), &amount) ||
        !AddUnit(text.substr(end, unit_end - end), sign * amount, &step)) {
      return Bad(text, " 2d、90m、-10y+80d 这样的时长", "a step like 2d, 90m or -10y+80d");
    }
    i = unit_end;
  }
  if (text.empty()) return Bad(text, " 2d 这样的时长", "a step like 2d");
  return step;
}

absl::CivilDay Add(absl::CivilDay day, const CalendarStep& step) {
  const absl::CivilMonth month = absl::CivilMonth(day) + (12 * step.years + step.months);
  absl::CivilDay moved(month.year(), month.month(), day.day());
  // Where the month has no such day (29 February), its last one.
  if (absl::CivilMonth(moved) != month) moved = absl::CivilDay(month + 1) - 1;
  return moved + step.days;
}

absl::Time Add(absl::Time time, const CalendarStep& step) {
  const absl::CivilDay day = calendar::ToCivilDay(time);
  return calendar::StartOfDay(Add(day, step)) + (time - calendar::StartOfDay(day)) + step.rest;
}

absl::StatusOr<absl::Time> ParseMoment(const std::string& text, absl::Time now) {
  if (!text.empty() && (text[0] == '+' || text[0] == '-')) {
    const absl::StatusOr<CalendarStep> step = ParseStep(text);
    if (!step.ok()) return step.status();
    return Add(now, *step);
  }
  absl::Time time;
  std::string error;
  if (absl::ParseTime(absl::RFC3339_full, text, &time, &error)) return time;
  for (const char* format : {"%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"}) {
    if (absl::ParseTime(format, text, Shanghai(), &time, &error)) return time;
  }
  return Bad(text, " 2026-03-02T09:00 或 +2d 这样的时间", "a time like 2026-03-02T09:00 or +2d");
}

absl::StatusOr<absl::Time> NextAt(const std::string& time_of_day, bool workday, absl::Time now) {
  int hour = 0;
  int minute = 0;
  if (time_of_day.size() != 5 || time_of_day[2] != ':' || !absl::SimpleAtoi(time_of_day.substr(0, 2), &hour) ||
      !absl::SimpleAtoi(time_of_day.substr(3), &minute) || hour > 23 || minute > 59) {
    return Bad(time_of_day, " 09:00 这样的时刻", "a time of day like 09:00");
  }
  absl::CivilDay day = calendar::ToCivilDay(now);
  while (calendar::AtTimeOfDay(day, hour, minute) <= now ||
         (workday && !calendar::WorkingDays::China().IsWorkday(day))) {
    ++day;
  }
  return calendar::AtTimeOfDay(day, hour, minute);
}

std::string ToRfc3339(absl::Time time) { return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", time, absl::UTCTimeZone()); }

std::string ToShort(absl::Time time, absl::Time now) {
  const bool this_year = absl::ToCivilYear(time, Shanghai()) == absl::ToCivilYear(now, Shanghai());
  return absl::FormatTime(this_year ? "%m-%d %H:%M" : "%Y-%m-%d %H:%M", time, Shanghai());
}

std::string ToChinese(absl::Time time) {
  static constexpr std::array<const char*, 7> kWeekdays = {"周一", "周二", "周三", "周四", "周五", "周六", "周日"};
  const absl::CivilMinute minute = absl::ToCivilMinute(time, Shanghai());
  const auto weekday = static_cast<std::size_t>(absl::GetWeekday(absl::CivilDay(minute)));
  return absl::StrFormat("%d月%d日 %s %02d:%02d", minute.month(), minute.day(), kWeekdays[weekday], minute.hour(),
                         minute.minute());
}

std::string ToChinese(absl::CivilDay day) { return calendar::DayInWords(day); }

}  // namespace xxt::cli
