#include "services/intake/app/case_tasks.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/fault/crash_point.h"
#include "common/status/errors.h"
#include "common/status/macros.h"
#include "services/intake/app/case_change.h"
#include "services/intake/app/next_action.h"
#include "services/intake/cases/root.h"
#include "services/intake/contact/contact.h"
#include "services/intake/storage/case_store.h"

namespace xxt::intake::app {
namespace {

using cases::kDeadTaskKind;
using contact::v1::Contact;

std::string ActKey(const Case& found) { return absl::StrCat(kActKind, "/", found.id); }

void EnqueueAct(pg::Session& session, const Case& open) {
  tasks::NewTask task;
  task.kind = kActKind;
  task.subject = open.name();
  task.dedupe_key = ActKey(open);
  task.lane = tasks::Lane::kDesk;
  task.due = tasks::Due::ForPeople(open.next_action->due_time);
  task.hall = open.hall;
  task.assignee = open.owner;
  task.summary = open.next_action->summary;
  if (XXT_PLANTED_BUG("name_in_task")) task.summary += open.parties.front().display_name;
  tasks::Enqueue(session, std::move(task));
}

// What the officer noted is a word to the colleagues: it goes into the log,
// never into a task.
void LogNote(Tx& tx, Case& found, const tasks::Completion& completion) {
  if (completion.note.empty()) return;
  Contact note;
  note.set_channel(::xixinting::common::v1::CHANNEL_WINDOW);
  note.set_counterpart(Contact::COUNTERPART_COLLEAGUE);
  note.set_direction(Contact::DIRECTION_OUTBOUND);
  note.set_result(Contact::RESULT_REACHED);
  note.set_summary(completion.note);
  contact::Write(tx, found, note);
}

// An officer did what was next, and says when to act again.
absl::Status CompleteAct(Tx& tx, const Policy& policy, const tasks::Task& task, const tasks::Completion& completion) {
  XXT_ASSIGN_OR_RETURN(const std::string id, CaseIdOf(task.subject, "name"));
  XXT_ASSIGN_OR_RETURN(Case found, case_store::LoadForUpdate(tx.session, id));
  if (found.state == CaseState::kClosed) return absl::OkStatus();
  XXT_RETURN_IF_ERROR(
      CheckNextActionTime(found, completion.next_action_time, policy, completion.now, "next_action_time"));
  LogNote(tx, found, completion);
  found.next_action = NextAction{task.summary, completion.next_action_time};
  EnqueueAct(tx.session, found);
  cases::Save(tx, found, "case.next_action_set.v1", absl::StrCat("下一步：", found.next_action->summary));
  return absl::OkStatus();
}

// The owner saw that the machine could not do it; the note says what they did.
absl::Status CompleteDeadTask(Tx& tx, const tasks::Task& task, const tasks::Completion& completion) {
  XXT_ASSIGN_OR_RETURN(const std::string id, CaseIdOf(task.subject, "name"));
  XXT_ASSIGN_OR_RETURN(Case found, case_store::LoadForUpdate(tx.session, id));
  LogNote(tx, found, completion);
  cases::Save(tx, found, "case.trouble_seen.v1", "系统未能完成的事项已有人处理");
  return absl::OkStatus();
}

absl::Status CompleteReview(pg::Session&, const tasks::Task& task, const tasks::Completion&) {
  return errors::StateForbids(task.subject, "请用办结复核来完成", "settled by ReviewClosure");
}

}  // namespace

void SetNextAction(pg::Session& session, Case& open, NextAction next) {
  const bool same_words = open.next_action.has_value() && open.next_action->summary == next.summary;
  open.next_action = std::move(next);
  if (same_words) {
    tasks::Reschedule(session, ActKey(open), open.next_action->due_time);
    return;
  }
  tasks::Cancel(session, ActKey(open));
  EnqueueAct(session, open);
}

void SetFirstAction(pg::Session& session, Case& created, NextAction next) {
  created.next_action = std::move(next);
  if (!XXT_PLANTED_BUG("case_without_work")) EnqueueAct(session, created);
}

void ClearNextAction(pg::Session& session, Case& closed) {
  closed.next_action.reset();
  tasks::Cancel(session, ActKey(closed));
}

void AskForReview(pg::Session& session, const Case& proposed, absl::Time now) {
  tasks::NewTask task;
  task.kind = kReviewClosureKind;
  task.subject = proposed.name();
  task.dedupe_key = absl::StrCat(kReviewClosureKind, "/", proposed.id);
  task.lane = tasks::Lane::kDesk;
  task.due = tasks::Due::ForPeople(now);
  task.hall = proposed.hall;
  task.summary = absl::StrCat("复核办结：", proposed.display_code);
  tasks::Enqueue(session, std::move(task));
}

void EndReview(pg::Session& session, const Case& reviewed) {
  tasks::CancelAll(session, kReviewClosureKind, reviewed.name());
}

std::vector<tasks::DeskKind> DeskKinds(const Policy& policy, const seal::Keyring& keys) {
  // As the person who says it is done.
  const auto in_tx = [&keys](auto body) {
    return [&keys, body](pg::Session& session, const tasks::Task& task, const tasks::Completion& completion) {
      const identity::Caller caller{completion.staff, task.hall, {}};
      const Circumstances of{.caller = caller, .now = completion.now, .keys = keys};
      return InTx(session, of, [&](Tx& tx) { return body(tx, task, completion); });
    };
  };
  const auto complete_act = [policy](Tx& tx, const tasks::Task& task, const tasks::Completion& completion) {
    return CompleteAct(tx, policy, task, completion);
  };
  return {{kActKind, {"DONE"}, in_tx(complete_act)},
          {kReviewClosureKind, {}, CompleteReview},
          {kDeadTaskKind, {"SEEN"}, in_tx(CompleteDeadTask)}};
}

}  // namespace xxt::intake::app
