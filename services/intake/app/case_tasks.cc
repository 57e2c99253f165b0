#include "services/intake/app/case_tasks.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/fault/crash_point.h"
#include "common/identifiers/uuid.h"
#include "common/status/errors.h"
#include "common/status/macros.h"
#include "services/intake/app/case_change.h"
#include "services/intake/app/next_action.h"
#include "services/intake/storage/case_store.h"
#include "services/intake/storage/contact_store.h"

namespace xxt::intake::app {
namespace {

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
void LogNote(pg::Session& session, const Case& found, const tasks::Completion& completion) {
  if (completion.note.empty()) return;
  Contact note;
  note.id = identifiers::NewUuid(completion.now);
  note.case_id = found.id;
  note.channel = Channel::kWindow;
  note.counterpart = Contact::Counterpart::kColleague;
  note.direction = Contact::Direction::kOutbound;
  note.summary = completion.note;
  note.occur_time = completion.now;
  note.record_time = completion.now;
  note.author = completion.staff;
  contact_store::Insert(session, note);
}

// An officer did what was next, and says when to act again.
absl::Status CompleteAct(pg::Session& session, const Policy& policy, const tasks::Task& task,
                         const tasks::Completion& completion) {
  XXT_ASSIGN_OR_RETURN(const std::string id, CaseIdOf(task.subject, "name"));
  XXT_ASSIGN_OR_RETURN(Case found, case_store::LoadForUpdate(session, id));
  if (found.state == CaseState::kClosed) return absl::OkStatus();
  XXT_RETURN_IF_ERROR(
      CheckNextActionTime(found, completion.next_action_time, policy, completion.now, "next_action_time"));
  LogNote(session, found, completion);
  found.next_action = NextAction{task.summary, completion.next_action_time};
  EnqueueAct(session, found);
  const identity::Caller caller{completion.staff, found.hall, {}};
  Save(session, caller, found, "case.next_action_set.v1", absl::StrCat("下一步：", found.next_action->summary),
       completion.now);
  return absl::OkStatus();
}

// The owner saw that the machine could not do it; the note says what they did.
absl::Status CompleteDeadTask(pg::Session& session, const tasks::Task& task, const tasks::Completion& completion) {
  XXT_ASSIGN_OR_RETURN(const std::string id, CaseIdOf(task.subject, "name"));
  XXT_ASSIGN_OR_RETURN(Case found, case_store::LoadForUpdate(session, id));
  LogNote(session, found, completion);
  const identity::Caller caller{completion.staff, found.hall, {}};
  Save(session, caller, found, "case.trouble_seen.v1", "系统未能完成的事项已有人处理", completion.now);
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

void EnqueueDeadTask(pg::Session& session, const tasks::Task& dead, absl::string_view case_name, absl::string_view hall,
                     std::string summary) {
  tasks::NewTask task;
  task.kind = kDeadTaskKind;
  task.subject = std::string(case_name);
  task.dedupe_key = absl::StrCat(kDeadTaskKind, "/", dead.id);
  task.lane = tasks::Lane::kDesk;
  task.hall = std::string(hall);
  task.summary = std::move(summary);
  tasks::Enqueue(session, std::move(task));
}

std::vector<tasks::DeskKind> DeskKinds(const Policy& policy) {
  const auto complete_act = [policy](pg::Session& session, const tasks::Task& task,
                                     const tasks::Completion& completion) {
    return CompleteAct(session, policy, task, completion);
  };
  return {{kActKind, {"DONE"}, complete_act},
          {kReviewClosureKind, {}, CompleteReview},
          {kDeadTaskKind, {"SEEN"}, CompleteDeadTask}};
}

}  // namespace xxt::intake::app
