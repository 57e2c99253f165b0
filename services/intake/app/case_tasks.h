#ifndef XXT_SERVICES_INTAKE_APP_CASE_TASKS_H_
#define XXT_SERVICES_INTAKE_APP_CASE_TASKS_H_

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "common/pg/session.h"
#include "common/seal/seal.h"
#include "common/tasks/task.h"
#include "services/intake/domain/case.h"

// What people of a hall have to do for a case.
namespace xxt::intake::app {

inline constexpr char kActKind[] = "case.act";
inline constexpr char kReviewClosureKind[] = "case.review_closure";

// Sets what happens next with an open case: on the case, which the caller
// inserts or saves, and as the one desk task case.act of its owner.
void SetNextAction(pg::Session& session, Case& open, NextAction next);

// The same for a case that is being created: there is no task to replace.
void SetFirstAction(pg::Session& session, Case& created, NextAction next);

// Nothing happens next: the case is closed.
void ClearNextAction(pg::Session& session, Case& closed);

// Asks the hall's people to review a proposed closure; ends when ReviewClosure
// has settled it.
void AskForReview(pg::Session& session, const Case& proposed, absl::Time now);
void EndReview(pg::Session& session, const Case& reviewed);

// The kinds above and cases::kDeadTaskKind, for TaskService. `keys` outlives them.
std::vector<tasks::DeskKind> DeskKinds(const Policy& policy, const seal::Keyring& keys);

}  // namespace xxt::intake::app

#endif  // XXT_SERVICES_INTAKE_APP_CASE_TASKS_H_
