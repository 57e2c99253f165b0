#ifndef XXT_SERVICES_INTAKE_CLOSING_CLOSING_H_
#define XXT_SERVICES_INTAKE_CLOSING_CLOSING_H_

#include "absl/status/status.h"
#include "common/store/tx.h"
#include "services/intake/cases/cases.h"
#include "services/intake/cases/policy_rules.h"
#include "services/intake/closing/closure_rules.h"
#include "xixinting/intake/v1/closing.pb.h"

// How a case ends: the person's word, a proposal, a second pair of eyes. All
// return those of cases::LockOpen too.
namespace xxt::intake::closing {

inline constexpr char kReviewKind[] = "case.review_closure";

// The case as far as closing looks at it. `confirmed`: whether its outcome stands.
CaseFacts FactsOf(const v1::Case& found, bool confirmed);

// Errors: RESOURCE_NOT_FOUND (contact), STATE_FORBIDS (the person was not
// reached in that contact).
absl::Status Confirm(Tx& tx, const v1::ConfirmOutcomeRequest& request, v1::Case& found);

// Errors: STATE_FORBIDS, CLOSURE_INCOMPLETE (everything that is missing).
absl::Status Propose(const Policy& policy, Tx& tx, const v1::ProposeClosureRequest& request, v1::Case& found);

// Errors: STATE_FORBIDS, SECOND_REVIEWER_NEEDED, CLOSURE_INCOMPLETE,
// FIELD_INVALID (comment, to return it).
absl::Status Review(const Policy& policy, Tx& tx, const v1::ReviewClosureRequest& request, v1::Case& found);

// Ends a duplicate, `merged`, in favour of another case. Errors: those that closing.proto names.
absl::Status Merge(Tx& tx, const v1::MergeCaseRequest& request, v1::Case& merged);

}  // namespace xxt::intake::closing

#endif  // XXT_SERVICES_INTAKE_CLOSING_CLOSING_H_
