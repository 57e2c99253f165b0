#ifndef XXT_SERVICES_INTAKE_DOMAIN_CASE_STATE_H_
#define XXT_SERVICES_INTAKE_DOMAIN_CASE_STATE_H_

#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace xxt::intake {

// Where a case stands. There is no "new": a case is created with its owner (首接负责).
// There is no "rejected" either.
enum class CaseState {
  kInProgress,       // an officer has it and acts on it
  kOnHold,           // the promise clock is suspended, with a reason and a day to resume
  kClosureProposed,  // a "no" waits for a second pair of eyes
  kClosed,           // done, and the person was told
};

// What may be done to a case's state.
enum class CaseAction {
  kHold,
  kResume,
  kClose,           // a closure that one pair of eyes may decide
  kProposeClosure,  // one that needs two
  kApproveClosure,
  kReturnClosure,  // the reviewer says what else to try
  kReopen,
};

// "IN_PROGRESS", "HOLD", ... as the protos and error texts spell them.
absl::string_view NameOf(CaseState state);
absl::string_view NameOf(CaseAction action);

// Returns the actions open in `state`; never empty.
std::vector<CaseAction> AllowedActions(CaseState state);

// Returns the state after `action`.
// Errors: FAILED_PRECONDITION naming the actions that `state` allows.
absl::StatusOr<CaseState> Transition(CaseState state, CaseAction action);

}  // namespace xxt::intake

#endif  // XXT_SERVICES_INTAKE_DOMAIN_CASE_STATE_H_
