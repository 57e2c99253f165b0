#ifndef XXT_COMMON_CALENDAR_WORKING_DAYS_H_
#define XXT_COMMON_CALENDAR_WORKING_DAYS_H_

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"

namespace xxt::calendar {

// A computed day, and whether it may still change.
struct DayResult {
  absl::CivilDay day;
  // True if the computation touched a day outside the calendar's horizon, where
  // only the week and the holidays by law are known, not which days are moved.
  bool provisional = false;

  friend bool operator==(const DayResult& a, const DayResult& b) {
    return a.day == b.day && a.provisional == b.provisional;
  }
};

// What a day is, as far as work goes.
enum class DayKind {
  kWorkday,        // Monday to Friday, nothing announced
  kWeekend,        // Saturday or Sunday, nothing announced
  kHoliday,        // rest day by law or moved, weekday or weekend
  kWorkedWeekend,  // Saturday or Sunday announced as a working day (调休上班)
};

// Tells working days from rest days in mainland China.
//
// Announced days come from the State Council's yearly notices. Beyond those, what
// is a holiday by law is one for some years on; every other day follows the week. Immutable, so thread-safe. Knows
// days, not times: see OpeningHours for those.
class WorkingDays {
 public:
  // Returns the calendar compiled into the program (working_days_cn.json). The
  // object lives as long as the process. Aborts if the file does not parse, which
  // the unit tests rule out.
  static const WorkingDays& China();

  // Reads a calendar in the format of working_days_cn.json.
  // Errors: INVALID_ARGUMENT naming the key or date at fault, also for a date that is
  // outside the horizon (by_law: within it), both off and worked, or a worked day that is no weekend day.
  static absl::StatusOr<WorkingDays> Parse(absl::string_view json);

  // First and last day for which holidays are known.
  absl::CivilDay first_day() const { return first_day_; }
  absl::CivilDay last_day() const { return last_day_; }

  // True within the horizon.
  bool IsKnown(absl::CivilDay day) const { return first_day_ <= day && day <= last_day_; }

  DayKind KindOf(absl::CivilDay day) const;

  // True for kWorkday and kWorkedWeekend. Outside the horizon: Monday to Friday,
  // but for holidays by law.
  bool IsWorkday(absl::CivilDay day) const;

  // Returns the n-th working day after `start`; `start` itself is not counted and
  // need not be a working day (Civil Code 201). n == 0 returns `start` unchanged;
  // a negative n counts backward. Takes time proportional to n.
  DayResult AddWorkdays(absl::CivilDay start, int n) const;

  // Returns `day` if it is a working day, else the nearest one before it.
  DayResult LastWorkdayOnOrBefore(absl::CivilDay day) const;

  // Returns `day` if it is a working day, else the nearest one after it (Civil Code 203).
  DayResult NextWorkdayOnOrAfter(absl::CivilDay day) const;

  // Counts the working days after `from` up to and including `to`, so that
  // WorkdaysBetween(s, AddWorkdays(s, n).day) == n for n >= 0. Negative, with the ends
  // swapped, if `to` is before `from`. Certain only if both days are known.
  int WorkdaysBetween(absl::CivilDay from, absl::CivilDay to) const;

 private:
  WorkingDays() = default;

  absl::CivilDay first_day_;
  absl::CivilDay last_day_;
  absl::flat_hash_map<absl::CivilDay, DayKind> not_by_week_;
};

}  // namespace xxt::calendar

#endif  // XXT_COMMON_CALENDAR_WORKING_DAYS_H_
