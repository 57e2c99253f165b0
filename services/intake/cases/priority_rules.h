#ifndef XXT_SERVICES_INTAKE_CASES_PRIORITY_RULES_H_
#define XXT_SERVICES_INTAKE_CASES_PRIORITY_RULES_H_

#include "absl/time/time.h"
#include "services/intake/cases/policy_rules.h"

namespace xxt::intake {

// The proto's numbers.
enum class PriorityLevel { kNormal = 1, kHigh, kUrgent };

// How much sooner than its next action is due a case of that level has its place in the work list. A place does not
// move, and what comes later has a later one: nobody waits for more of a higher level than come within its head start.
absl::Duration HeadStartOf(PriorityLevel level, const Policy& policy);

}  // namespace xxt::intake

#endif  // XXT_SERVICES_INTAKE_CASES_PRIORITY_RULES_H_
