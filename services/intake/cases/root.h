#ifndef XXT_SERVICES_INTAKE_CASES_ROOT_H_
#define XXT_SERVICES_INTAKE_CASES_ROOT_H_

#include <google/protobuf/message.h>

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/store/table.h"
#include "common/store/tx.h"
#include "common/tasks/task.h"
#include "services/intake/domain/case.h"

// What the nouns that hang on a case need of it. Until the case has moved, it
// stands on the row that storage/case_store.h writes; then `Root` is v1::Case,
// and no line of a child changes but its types.
namespace xxt::intake::cases {

struct Root {
  std::string name;  // "cases/{uuid}"
  std::string hall;
  std::string owner;
  std::string display_code;
  bool open = false;
  std::vector<std::string> parties;  // names
  bool has(absl::string_view party) const;
};

// Says that children's keys and halls are in intake.cases; lists nothing. An
// object, not a reference: children take its address before main.
extern const store::TableBase kRoot;

// The case that `name` names or lies under, locked for this transaction: the
// first thing that any change within a case does.
// Errors: RESOURCE_NOT_FOUND, OTHER_HALL.
absl::StatusOr<Root> Lock(Tx& tx, absl::string_view name);
// The same for what needs an open case. Errors: STATE_FORBIDS, too.
absl::StatusOr<Root> LockOpen(Tx& tx, absl::string_view name);

// Lock, and the child `name` of `table` as it is under the lock: read after it,
// for a statement that joins the two would see the child as it was before the
// wait. Errors: those of Tx::Load, too.
absl::StatusOr<Root> LockWith(Tx& tx, const store::TableBase& table, absl::string_view name, absl::string_view etag,
                              google::protobuf::Message* child);

// The case whole, locked for this transaction to change: a child that is counted
// in it. Errors: RESOURCE_NOT_FOUND, OTHER_HALL.
absl::StatusOr<Case> LockWhole(Tx& tx, absl::string_view name);
// Queues what ends every change of a case: its row, and the event that tells of
// it. `summary` is for people, without personal data.
void Save(Tx& tx, Case& changed, absl::string_view event_type, absl::string_view summary);

// Queues a task of the hall's people about something in the case, for its owner.
void AskOwner(Tx& tx, const Root& about, const char* kind, absl::string_view subject, std::string summary);

// Queues a task of the hall's people: the machine could not do `dead`.
inline constexpr char kDeadTaskKind[] = "intake.dead_task";
void AskToLook(pg::Session& session, const tasks::Task& dead, absl::string_view case_name, absl::string_view hall,
               std::string summary);
// For edge::Timer: the people of the case's hall look at what the machine could not do.
absl::Status OnDead(Tx& tx, const tasks::Task& dead, absl::string_view reason);

}  // namespace xxt::intake::cases

#endif  // XXT_SERVICES_INTAKE_CASES_ROOT_H_
