#include "services/referral/rule_note/period_rules.h"

#include <cstddef>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace xxt::referral {
namespace {

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

}  // namespace xxt::referral
