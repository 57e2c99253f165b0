#ifndef XXT_SERVICES_INTAKE_CLOSING_FOLLOW_UP_RULES_H_
#define XXT_SERVICES_INTAKE_CLOSING_FOLLOW_UP_RULES_H_

#include <optional>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/status/errors.h"
#include "services/intake/cases/policy_rules.h"
#include "services/intake/closing/closure_rules.h"

namespace xxt::intake {

// What follows a closing: the call, a dispute.

// The proto's numbers.
enum class Rating { kVerySatisfied = 1, kSatisfied = 2, kFair = 3, kDissatisfied = 4, kVeryDissatisfied = 5 };

// Whether somebody else is to look at it. One of a newer version is: nobody here can say that it is good.
bool IsBad(Rating rating);

// Returns what is wrong with a contact that is to show that the person was reached, or tried in vain, since `since`;
// nothing if it does. `field` names it.
std::optional<errors::Violation> FindContactFault(const ContactFact& contact, absl::Time since, bool reached,
                                                  const char* field);

// The last day on which what was closed on `closed` may be disputed.
absl::CivilDay LastDayToDispute(const Policy& policy, absl::CivilDay closed);

}  // namespace xxt::intake

#endif  // XXT_SERVICES_INTAKE_CLOSING_FOLLOW_UP_RULES_H_
