#ifndef XXT_SERVICES_INTAKE_CASES_NEXT_ACTION_H_
#define XXT_SERVICES_INTAKE_CASES_NEXT_ACTION_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/store/tx.h"
#include "common/tasks/task.h"
#include "services/intake/cases/cases.h"
#include "services/intake/cases/policy_rules.h"

// What people of a hall have to do for a case: its next action, which an open
// case always has, and what the machine could not do.
namespace xxt::intake::cases {

// Tasks of the desk; how they are completed is in desk/.
inline constexpr char kActKind[] = "case.act";
inline constexpr char kDeadTaskKind[] = "intake.dead_task";

// Sets what happens next with an open case: on the case, which the caller
// saves, and as the one desk task case.act of its owner.
void SetNextAction(Tx& tx, v1::Case& open, absl::string_view summary, absl::Time due);

// The same where there is no task to replace: for a case that is being created,
// or whose task is being completed.
void AddNextAction(Tx& tx, v1::Case& created, absl::string_view summary, absl::Time due);

// The same next action for a new owner.
void PassNextAction(Tx& tx, const v1::Case& open);

// Nothing happens next: the case is closed.
void ClearNextAction(Tx& tx, v1::Case& closed);

// Queues a task of the hall's people about something in the case: for its owner,
// or for anybody if `assignee` is empty.
void Ask(Tx& tx, const v1::Case& about, const char* kind, absl::string_view subject, absl::string_view assignee,
         std::string summary);
// The same by `due`: people are not shown it before.
void AskAt(Tx& tx, const v1::Case& about, const char* kind, absl::string_view subject, absl::string_view assignee,
           std::string summary, absl::Time due);
void AskOwner(Tx& tx, const v1::Case& about, const char* kind, absl::string_view subject, std::string summary);

// Shows the people of its hall that the machine could not do a task about a case, or
// something in it, perhaps because the case cannot be read: `words` and its code.
absl::Status ShowUndone(Tx& tx, const tasks::Task& dead, absl::string_view words);
// The same in words that fit any, for edge::Timer.
absl::Status ShowDead(Tx& tx, const tasks::Task& dead, absl::string_view reason);

// What a person may choose as the time of the next action. Errors: FIELD_INVALID
// naming `field`: not in the future, or beyond the horizon (LastDayToAct).
absl::Status CheckActionTime(const v1::Case& open, absl::Time due, const Policy& policy, absl::Time now,
                             const char* field);

}  // namespace xxt::intake::cases

#endif  // XXT_SERVICES_INTAKE_CASES_NEXT_ACTION_H_
