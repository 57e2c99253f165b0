#ifndef XXT_SERVICES_INTAKE_CASES_PRIORITY_H_
#define XXT_SERVICES_INTAKE_CASES_PRIORITY_H_

#include "absl/status/status.h"
#include "common/store/tx.h"
#include "services/intake/cases/cases.h"
#include "services/intake/cases/policy_rules.h"
#include "xixinting/intake/v1/case_service.pb.h"

namespace xxt::intake::cases {

// GrantPriority. Errors: those of LockOpen.
absl::Status GrantPriority(const Policy& policy, Tx& tx, const v1::GrantPriorityRequest& request, v1::Case& found);

}  // namespace xxt::intake::cases

#endif  // XXT_SERVICES_INTAKE_CASES_PRIORITY_H_
