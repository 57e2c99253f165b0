#ifndef XXT_SERVICES_INTAKE_POLICY_MATCH_RULES_H_
#define XXT_SERVICES_INTAKE_POLICY_MATCH_RULES_H_

#include <cstddef>
#include <optional>
#include <vector>

#include "absl/time/civil_time.h"
#include "services/intake/benefit/entitlement_rules.h"

// Whom a policy is matched with, and what is worth a person's look.
namespace xxt::intake::policy {

struct ConsentFacts {
  bool given = false;
  bool giver_is_applicant = false;
  bool giver_can_act = false;
  absl::CivilDay start;
};

// Whether the household may be matched on `today`: only by the word of who is the applicant now, lives and can act.
bool Counts(const ConsentFacts& consent, absl::CivilDay today);

// What the rules say of one of those whose circumstances may be looked at.
struct Match {
  benefit::Verdict verdict = benefit::Verdict::kNotEligible;
  bool knows_something = false;  // one test at least is met, if long ago
};

// The one that is shown: the surest, the first among equals; none if nobody fits. Of whom nothing is known that fits is
// none either: else each policy would be a hit of each household.
std::optional<std::size_t> BestOf(const std::vector<Match>& matches);

}  // namespace xxt::intake::policy

#endif  // XXT_SERVICES_INTAKE_POLICY_MATCH_RULES_H_
