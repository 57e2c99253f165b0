#ifndef XXT_COMMON_CALENDAR_OPENING_HOURS_H_
#define XXT_COMMON_CALENDAR_OPENING_HOURS_H_

#include <array>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/calendar/working_days.h"

namespace xxt::calendar {

// A stretch of time during which a place is open, [start, end).
struct OpenSpan {
  absl::Time start;
  absl::Time end;
};

// Says when a hall or a body is open, and when it opens next.
//
// Written as "Mon-Fri 08:30-11:30,13:30-17:00; Sat 09:00-12:00": parts separated by
// ';', each with days (names, ranges, comma-separated) and ascending spans within one
// day; 24:00 may end a span. Days not named are closed. The working-day calendar goes
// before the week: an announced rest day is closed, a worked weekend day follows
// Monday's hours (its own, where Monday has none). "24/7" is always open, holidays too.
//
// Copyable; immutable, so thread-safe.
class OpeningHours {
 public:
  // `days` must outlive the result and every copy of it.
  // Errors: INVALID_ARGUMENT naming the offending part.
  static absl::StatusOr<OpeningHours> Parse(absl::string_view text, const WorkingDays& days);

  // The text this was parsed from.
  const std::string& text() const { return text_; }

  // Returns the open spans of `day`, ascending; empty if closed.
  std::vector<OpenSpan> SpansOn(absl::CivilDay day) const;

  bool IsOpen(absl::Time t) const;

  // Returns `t` itself when open at `t`, else the next opening moment. There always is
  // one: past the calendar's horizon the plain week applies. `t` must be finite.
  absl::Time NextOpen(absl::Time t) const;

  // Moves `t` on by `n` working days, keeping the time of day, and from there to the
  // next opening moment. The first day is not counted. n >= 0.
  absl::Time AddOpenWorkdays(absl::Time t, int n) const;

 private:
  // Minutes after midnight, [start, end), end <= 24 * 60.
  struct Span {
    int start;
    int end;
  };
  // One entry per weekday, Monday first.
  using Week = std::array<std::vector<Span>, 7>;

  explicit OpeningHours(const WorkingDays& days) : days_(&days) {}

  static absl::StatusOr<std::vector<Span>> ParseSpans(absl::string_view text, absl::string_view part);
  static absl::Status ParsePart(absl::string_view part, Week& week);
  const std::vector<Span>& HoursOf(absl::CivilDay day) const;

  const WorkingDays* days_;
  std::string text_;
  bool always_ = false;
  Week week_;
};

}  // namespace xxt::calendar

#endif  // XXT_COMMON_CALENDAR_OPENING_HOURS_H_
