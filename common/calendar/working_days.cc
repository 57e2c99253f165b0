#include "common/calendar/working_days.h"

#include <cstdio>
#include <cstdlib>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/calendar/working_days_data.h"
#include "nlohmann/json.hpp"

namespace xxt::calendar {
namespace {

using nlohmann::json;

bool IsWeekend(absl::CivilDay day) {
  const absl::Weekday weekday = absl::GetWeekday(day);
  return weekday == absl::Weekday::saturday || weekday == absl::Weekday::sunday;
}

absl::StatusOr<absl::CivilDay> ParseDay(absl::string_view text, absl::string_view where) {
  absl::CivilDay day;
  // ParseCivilTime also takes "2026-1-1" and spaces; one day has one spelling here.
  if (!absl::ParseCivilTime(text, &day) || absl::FormatCivilTime(day) != text) {
    return absl::InvalidArgumentError(absl::StrCat("working days: \"", text, "\" in ", where, " is not a date"));
  }
  return day;
}

absl::StatusOr<absl::CivilDay> ParseDayField(const json& root, const char* key) {
  const auto field = root.find(key);
  if (field == root.end() || !field->is_string()) {
    return absl::InvalidArgumentError(absl::StrCat("working days: \"", key, "\" is missing or not a text"));
  }
  return ParseDay(field->get_ref<const std::string&>(), key);
}

// Enters the days of `root[key]`, which lie from `first` to `last`, into `into` as `kind`.
absl::Status ReadDays(const json& root, const char* key, DayKind kind, absl::CivilDay first, absl::CivilDay last,
                      absl::flat_hash_map<absl::CivilDay, DayKind>& into) {
  const auto days = root.find(key);
  if (days == root.end() || !days->is_object()) {
    return absl::InvalidArgumentError(absl::StrCat("working days: \"", key, "\" is missing or not an object"));
  }
  for (const auto& item : days->items()) {
    const absl::StatusOr<absl::CivilDay> day = ParseDay(item.key(), key);
    if (!day.ok()) return day.status();
    if (*day < first || *day > last) {
      return absl::InvalidArgumentError(
          absl::StrCat("working days: ", item.key(), " in ", key, " is on the wrong side of the horizon"));
    }
    if (kind == DayKind::kWorkedWeekend && !IsWeekend(*day)) {
      return absl::InvalidArgumentError(absl::StrCat("working days: worked day ", item.key(), " is no weekend day"));
    }
    if (!into.emplace(*day, kind).second) {
      return absl::InvalidArgumentError(absl::StrCat("working days: ", item.key(), " is both off and worked"));
    }
  }
  return absl::OkStatus();
}

}  // namespace

const WorkingDays& WorkingDays::China() {
  static const WorkingDays* const kChina = [] {
    absl::StatusOr<WorkingDays> parsed = Parse(WorkingDaysCnJson());
    if (!parsed.ok()) {
      std::fprintf(stderr, "%s\n", parsed.status().ToString().c_str());
      std::abort();
    }
    return new WorkingDays(*std::move(parsed));
  }();
  return *kChina;
}

absl::StatusOr<WorkingDays> WorkingDays::Parse(absl::string_view json_text) {
  const json root = json::parse(json_text.begin(), json_text.end(), nullptr, /*allow_exceptions=*/false);
  if (!root.is_object()) return absl::InvalidArgumentError("working days: the text is not a JSON object");
  const absl::StatusOr<absl::CivilDay> first = ParseDayField(root, "first_day");
  if (!first.ok()) return first.status();
  const absl::StatusOr<absl::CivilDay> last = ParseDayField(root, "last_day");
  if (!last.ok()) return last.status();
  if (*last < *first) return absl::InvalidArgumentError("working days: last_day is before first_day");

  WorkingDays result;
  result.first_day_ = *first;
  result.last_day_ = *last;
  absl::Status read = ReadDays(root, "off", DayKind::kHoliday, *first, *last, result.not_by_week_);
  if (read.ok()) read = ReadDays(root, "work", DayKind::kWorkedWeekend, *first, *last, result.not_by_week_);
  if (read.ok() && root.contains("by_law")) {
    read = ReadDays(root, "by_law", DayKind::kHoliday, *last + 1, absl::CivilDay::max(), result.not_by_week_);
  }
  if (!read.ok()) return read;
  return result;
}

DayKind WorkingDays::KindOf(absl::CivilDay day) const {
  const auto found = not_by_week_.find(day);
  if (found != not_by_week_.end()) return found->second;
  return IsWeekend(day) ? DayKind::kWeekend : DayKind::kWorkday;
}

bool WorkingDays::IsWorkday(absl::CivilDay day) const {
  const DayKind kind = KindOf(day);
  return kind == DayKind::kWorkday || kind == DayKind::kWorkedWeekend;
}

DayResult WorkingDays::AddWorkdays(absl::CivilDay start, int n) const {
  const int step = n < 0 ? -1 : 1;
  absl::CivilDay day = start;
  for (int left = n; left != 0;) {
    day += step;
    if (IsWorkday(day)) left -= step;
  }
  return {day, !IsKnown(start) || !IsKnown(day)};
}

DayResult WorkingDays::LastWorkdayOnOrBefore(absl::CivilDay day) const {
  absl::CivilDay found = day;
  while (!IsWorkday(found)) --found;
  return {found, !IsKnown(day) || !IsKnown(found)};
}

DayResult WorkingDays::NextWorkdayOnOrAfter(absl::CivilDay day) const {
  absl::CivilDay found = day;
  while (!IsWorkday(found)) ++found;
  return {found, !IsKnown(day) || !IsKnown(found)};
}

int WorkingDays::WorkdaysBetween(absl::CivilDay from, absl::CivilDay to) const {
  if (to < from) return -WorkdaysBetween(to, from);
  int count = 0;
  for (absl::CivilDay day = from + 1; day <= to; ++day) {
    if (IsWorkday(day)) ++count;
  }
  return count;
}

}  // namespace xxt::calendar
