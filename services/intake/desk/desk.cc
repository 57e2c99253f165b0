#include <functional>

#include "absl/strings/str_cat.h"
#include "common/edge/noun.h"
#include "services/intake/cases/cases.h"
#include "services/intake/cases/next_action.h"
#include "services/intake/contact/contact.h"
#include "services/intake/slices.h"

namespace xxt::intake {
namespace {

// An officer did what was next, and says when to act again.
absl::Status Act(const Policy& policy, Tx& tx, const tasks::Task& task, const tasks::Completion& completion) {
  XXT_ASSIGN_OR_RETURN(v1::Case found, cases::Lock(tx, task.subject));
  if (!cases::IsOpen(found)) return absl::OkStatus();
  XXT_RETURN_IF_ERROR(cases::CheckActionTime(found, completion.next_action_time, policy, tx.now, "next_action_time"));
  contact::Note(tx, found, completion.note);
  cases::AddNextAction(tx, found, task.summary, completion.next_action_time);
  cases::Save(tx, found, "case.next_action_set.v1", absl::StrCat("下一步：", task.summary));
  return absl::OkStatus();
}

// The owner saw that the machine could not do it; the note says what they did.
absl::Status SeeDeadTask(Tx& tx, const tasks::Task& task, const tasks::Completion& completion) {
  XXT_ASSIGN_OR_RETURN(v1::Case found, cases::Lock(tx, std::string(store::RootNameOf(task.subject))));
  contact::Note(tx, found, completion.note);
  cases::Save(tx, found, "case.trouble_seen.v1", "系统未能完成的任务已有人处理");
  return absl::OkStatus();
}

}  // namespace

// What people of a hall do for a case is told the colleagues in its contact log,
// never in a task.
edge::Slice DeskSlice(const edge::Host& host, const Policy& policy) {
  return {{},
          {edge::Desk(host, cases::kActKind, {"DONE"}, std::bind_front(Act, policy)),
           edge::Desk(host, cases::kDeadTaskKind, {"SEEN"}, SeeDeadTask)},
          {}};
}

}  // namespace xxt::intake
