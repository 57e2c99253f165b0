#ifndef XXT_SERVICES_INTAKE_APP_CLOSING_H_
#define XXT_SERVICES_INTAKE_APP_CLOSING_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/store/tx.h"
#include "services/intake/domain/case.h"
#include "services/intake/domain/policy.h"

// How a case ends: the person's word, a proposal, a second pair of eyes. All
// answer those of LoadOpenForChange too.
namespace xxt::intake::app {

// Records what came of it. `input` has no confirm_time.
// Errors: RESOURCE_NOT_FOUND (contact), STATE_FORBIDS (the person was not
// reached in that contact).
absl::StatusOr<Case> ConfirmOutcome(Tx& tx, absl::string_view name, absl::string_view etag, const Outcome& input);

// Errors: STATE_FORBIDS, CLOSURE_INCOMPLETE (everything that is missing).
absl::StatusOr<Case> ProposeCaseClosure(Tx& tx, absl::string_view name, absl::string_view etag, const Closure& closure,
                                        const Policy& policy);

// Errors: STATE_FORBIDS, SECOND_REVIEWER_NEEDED, CLOSURE_INCOMPLETE,
// FIELD_INVALID (comment, to return it).
absl::StatusOr<Case> ReviewCaseClosure(Tx& tx, absl::string_view name, absl::string_view etag, const Review& review);

}  // namespace xxt::intake::app

#endif  // XXT_SERVICES_INTAKE_APP_CLOSING_H_
