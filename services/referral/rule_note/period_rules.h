#ifndef XXT_SERVICES_REFERRAL_RULE_NOTE_PERIOD_RULES_H_
#define XXT_SERVICES_REFERRAL_RULE_NOTE_PERIOD_RULES_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace xxt::referral {

// Length of a rule like "reissued within ten years of the cremation".
struct RulePeriod {
  int years = 0;
  int months = 0;
  int days = 0;

  friend bool operator==(const RulePeriod&, const RulePeriod&) = default;
};

// Reads an ISO 8601 duration of years, months and days: "P10Y", "P1Y6M", "P90D".
// Errors: INVALID_ARGUMENT for any other form, weeks and times included, for numbers of
// more than four digits, and for a period of nothing.
absl::StatusOr<RulePeriod> ParseRulePeriod(absl::string_view text);

}  // namespace xxt::referral

#endif  // XXT_SERVICES_REFERRAL_RULE_NOTE_PERIOD_RULES_H_
