#include "services/referral/domain/cut_off.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/calendar/shanghai_time.h"

namespace xxt::referral {
namespace {

// Widest first. docs/domain/stories.md, 46.
constexpr std::array<int, 5> kRungs = {90, 30, 7, 1, 0};
constexpr int kWarningHour = 9;
constexpr std::size_t kMaxPeriodDigits = 4;

absl::Status NotAPeriod(absl::string_view text) {
  return absl::InvalidArgumentError(absl::StrCat("period: \"", text, "\" is not like P10Y, P1Y6M or P90D"));
}

// Takes a number and `unit` off the head of `rest` into `value`. Leaves both alone, and
// returns true, if the head is another unit; returns false if it is no number at all.
bool TakeUnit(absl::string_view& rest, char unit, int& value) {
  if (rest.empty()) return true;
  std::size_t digits = 0;
  while (digits < rest.size() && absl::ascii_isdigit(static_cast<unsigned char>(rest[digits]))) ++digits;
  if (digits == 0 || digits > kMaxPeriodDigits || digits == rest.size()) return false;
  if (rest[digits] != unit) return true;
  const bool parsed = absl::SimpleAtoi(rest.substr(0, digits), &value);
  rest.remove_prefix(digits + 1);
  return parsed;
}

}  // namespace

absl::StatusOr<RulePeriod> ParseRulePeriod(absl::string_view text) {
  absl::string_view rest = text;
  if (rest.empty() || rest.front() != 'P') return NotAPeriod(text);
  rest.remove_prefix(1);
  RulePeriod period;
  const bool well_formed =
      TakeUnit(rest, 'Y', period.years) && TakeUnit(rest, 'M', period.months) && TakeUnit(rest, 'D', period.days);
  if (!well_formed || !rest.empty() || period == RulePeriod{}) return NotAPeriod(text);
  return period;
}

CutOff ComputeCutOff(absl::CivilDay anchor, const RulePeriod& period, const calendar::WorkingDays& working_days) {
  const absl::CivilMonth month = absl::CivilMonth(anchor) + 12LL * period.years + period.months;
  const absl::CivilDay end_of_month = absl::CivilDay(month + 1) - 1;
  const absl::CivilDay corresponding = absl::CivilDay(month) + (anchor.day() - 1);
  const absl::CivilDay last_day = std::min(corresponding, end_of_month) + period.days;
  const calendar::DayResult safe = working_days.LastWorkdayOnOrBefore(last_day);
  return {.last_day = last_day, .last_safe_day = safe.day, .provisional = safe.provisional};
}

bool HasLapsed(const CutOff& cut_off, absl::Time now) { return now >= calendar::EndOfDay(cut_off.last_day); }

std::vector<Warning> WarningsFor(const CutOff& cut_off, absl::Time now) {
  std::vector<Warning> warnings;
  if (!HasLapsed(cut_off, now)) {
    for (const int rung : kRungs) {
      const absl::CivilDay day = cut_off.last_safe_day - rung;
      const absl::Time planned = calendar::AtTimeOfDay(day, kWarningHour, 0);
      // Rungs come in the order of time, so only the tightest one reached stays.
      if (planned <= now) warnings.clear();
      warnings.push_back({.rung = rung, .day = day, .fire_time = std::max(planned, now)});
    }
  }
  const absl::CivilDay after = cut_off.last_day + 1;
  warnings.push_back(
      {.rung = kPassedRung, .day = after, .fire_time = std::max(calendar::AtTimeOfDay(after, kWarningHour, 0), now)});
  return warnings;
}

}  // namespace xxt::referral
