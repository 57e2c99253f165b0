#include "common/calendar/opening_hours.h"

#include <cstddef>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/calendar/shanghai_time.h"

namespace xxt::calendar {
namespace {

constexpr int kMinutesPerDay = 24 * 60;
constexpr std::array<const char*, 7> kDayNames = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};

absl::Status Offending(absl::string_view what, absl::string_view part, absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat("opening hours: \"", what, "\" in \"", part, "\" ", why));
}

std::optional<std::size_t> ParseDayName(absl::string_view text) {
  for (std::size_t i = 0; i < kDayNames.size(); ++i) {
    if (absl::EqualsIgnoreCase(text, kDayNames[i])) return i;
  }
  return std::nullopt;
}

// Parses "08:30" into minutes after midnight; 24:00 is 1440.
std::optional<int> ParseTimeOfDay(absl::string_view text) {
  if (text.size() != 5 || text[2] != ':') return std::nullopt;
  for (const std::size_t i : {0U, 1U, 3U, 4U}) {
    if (!absl::ascii_isdigit(static_cast<unsigned char>(text[i]))) return std::nullopt;
  }
  const int hour = (text[0] - '0') * 10 + (text[1] - '0');
  const int minute = (text[3] - '0') * 10 + (text[4] - '0');
  const int total = hour * 60 + minute;
  if (minute > 59 || total > kMinutesPerDay) return std::nullopt;
  return total;
}

// Parses "Mon" or "Mon-Fri" into indexes from Monday, both inclusive.
absl::StatusOr<std::pair<std::size_t, std::size_t>> ParseDayRange(absl::string_view range, absl::string_view part) {
  const std::vector<absl::string_view> ends = absl::StrSplit(range, '-');
  if (ends.size() > 2) return Offending(range, part, "is not a day or a range of days");
  const std::optional<std::size_t> first = ParseDayName(ends.front());
  const std::optional<std::size_t> last = ParseDayName(ends.back());
  if (!first.has_value() || !last.has_value()) return Offending(range, part, "is not a day or a range of days");
  if (*last < *first) return Offending(range, part, "runs backward; the week starts on Mon");
  return std::make_pair(*first, *last);
}

std::size_t WeekdayIndex(absl::CivilDay day) { return static_cast<std::size_t>(absl::GetWeekday(day)); }
static_assert(static_cast<int>(absl::Weekday::monday) == 0);

}  // namespace

absl::StatusOr<std::vector<OpeningHours::Span>> OpeningHours::ParseSpans(absl::string_view text,
                                                                         absl::string_view part) {
  std::vector<Span> spans;
  for (const absl::string_view raw : absl::StrSplit(text, ',')) {
    const absl::string_view span = absl::StripAsciiWhitespace(raw);
    const std::vector<absl::string_view> ends = absl::StrSplit(span, '-');
    if (ends.size() != 2) return Offending(span, part, "is not a span like 08:30-11:30");
    const std::optional<int> start = ParseTimeOfDay(ends[0]);
    if (!start.has_value()) return Offending(ends[0], part, "is not a time of day like 08:30");
    const std::optional<int> end = ParseTimeOfDay(ends[1]);
    if (!end.has_value()) return Offending(ends[1], part, "is not a time of day like 08:30");
    if (*end <= *start) return Offending(span, part, "ends before it starts");
    if (!spans.empty() && *start <= spans.back().end)
      return Offending(span, part, "does not follow the span before it");
    spans.push_back({*start, *end});
  }
  return spans;
}

absl::Status OpeningHours::ParsePart(absl::string_view part, Week& week) {
  const std::pair<absl::string_view, absl::string_view> halves = absl::StrSplit(part, absl::MaxSplits(' ', 1));
  if (halves.second.empty()) return Offending(part, part, "has no hours");
  const absl::StatusOr<std::vector<Span>> spans = ParseSpans(halves.second, part);
  if (!spans.ok()) return spans.status();
  for (const absl::string_view range : absl::StrSplit(halves.first, ',')) {
    const absl::StatusOr<std::pair<std::size_t, std::size_t>> days = ParseDayRange(range, part);
    if (!days.ok()) return days.status();
    for (std::size_t i = days->first; i <= days->second; ++i) {
      if (!week[i].empty()) return Offending(kDayNames[i], part, "is named twice");
      week[i] = *spans;
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<OpeningHours> OpeningHours::Parse(absl::string_view text, const WorkingDays& days) {
  OpeningHours hours(days);
  const absl::string_view trimmed = absl::StripAsciiWhitespace(text);
  hours.text_ = std::string(trimmed);
  if (trimmed == "24/7") {
    hours.always_ = true;
    for (std::vector<Span>& spans : hours.week_) spans = {{0, kMinutesPerDay}};
    return hours;
  }
  for (const absl::string_view part : absl::StrSplit(trimmed, ';')) {
    const absl::Status parsed = ParsePart(absl::StripAsciiWhitespace(part), hours.week_);
    if (!parsed.ok()) return parsed;
  }
  return hours;
}

const std::vector<OpeningHours::Span>& OpeningHours::HoursOf(absl::CivilDay day) const {
  static const std::vector<Span> kClosed;
  const std::vector<Span>& own = week_[WeekdayIndex(day)];
  if (always_) return own;
  switch (days_->KindOf(day)) {
    case DayKind::kHoliday:
      return kClosed;
    case DayKind::kWorkedWeekend:
      return week_.front().empty() ? own : week_.front();
    case DayKind::kWorkday:
    case DayKind::kWeekend:
      break;
  }
  return own;
}

std::vector<OpenSpan> OpeningHours::SpansOn(absl::CivilDay day) const {
  std::vector<OpenSpan> spans;
  for (const Span& span : HoursOf(day)) {
    spans.push_back({AtTimeOfDay(day, 0, span.start), AtTimeOfDay(day, 0, span.end)});
  }
  return spans;
}

bool OpeningHours::IsOpen(absl::Time t) const { return NextOpen(t) == t; }

absl::Time OpeningHours::NextOpen(absl::Time t) const {
  for (absl::CivilDay day = ToCivilDay(t);; ++day) {
    for (const OpenSpan& span : SpansOn(day)) {
      if (t < span.start) return span.start;
      if (t < span.end) return t;
    }
  }
}

absl::Time OpeningHours::AddOpenWorkdays(absl::Time t, int n) const {
  const absl::CivilDay start = ToCivilDay(t);
  const absl::Duration time_of_day = t - StartOfDay(start);
  return NextOpen(StartOfDay(days_->AddWorkdays(start, n).day) + time_of_day);
}

}  // namespace xxt::calendar
