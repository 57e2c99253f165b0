#include "services/intake/cases/next_action.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "common/calendar/shanghai_time.h"
#include "common/edge/noun.h"
#include "common/fault/crash_point.h"
#include "services/intake/cases/cases.h"
#include "services/intake/cases/told.h"

namespace xxt::intake::cases {
namespace {

std::string ActKey(const v1::Case& found) { return edge::KeyOf(kActKind, found.name()); }

// Of the hall's people, to be done at once by anybody unless it is said otherwise.
tasks::NewTask DeskTask(const v1::Case& about, const char* kind, absl::string_view subject, std::string summary) {
  tasks::NewTask task;
  task.kind = kind;
  task.subject = std::string(subject);
  task.dedupe_key = edge::KeyOf(kind, subject);
  task.lane = tasks::Lane::kDesk;
  task.hall = about.hall();
  task.summary = std::move(summary);
  return task;
}

void EnqueueAct(Tx& tx, const v1::Case& open) {
  tasks::NewTask task = DeskTask(open, kActKind, open.name(), open.next_action().summary());
  task.due = tasks::Due::ForPeople(rpc::FromProto(open.next_action().due_time()));
  task.assignee = open.owner();
  if (XXT_PLANTED_BUG("name_in_task")) task.summary += open.parties(0).display_name();
  tasks::Enqueue(tx.session, std::move(task));
}

void Write(v1::Case& found, absl::string_view summary, absl::Time due) {
  found.mutable_next_action()->set_summary(std::string(summary));
  rpc::ToProto(due, found.mutable_next_action()->mutable_due_time());
}

}  // namespace

absl::Status CheckActionTime(const v1::Case& open, absl::Time due, const Policy& policy, absl::Time now,
                             const char* field) {
  if (due <= now) return errors::FieldInvalid(field, "须晚于现在", "must lie in the future");
  const absl::CivilDay last = LastDayToAct(open.open_referrals_size() > 0, policy, calendar::ToCivilDay(now));
  if (calendar::ToCivilDay(due) <= last) return absl::OkStatus();
  const std::string day = absl::FormatCivilTime(last);
  return errors::FieldInvalid(field, absl::StrCat("太远，最迟 ", day),
                              absl::StrCat("is too far off, at the latest ", day));
}

void SetNextAction(Tx& tx, v1::Case& open, absl::string_view summary, absl::Time due) {
  const bool same_words = open.has_next_action() && open.next_action().summary() == summary;
  Write(open, summary, due);
  if (same_words) {
    tasks::Reschedule(tx.session, ActKey(open), due);
    return;
  }
  PassNextAction(tx, open);
}

void PassNextAction(Tx& tx, const v1::Case& open) {
  tasks::Cancel(tx.session, ActKey(open));
  EnqueueAct(tx, open);
}

void AddNextAction(Tx& tx, v1::Case& created, absl::string_view summary, absl::Time due) {
  Write(created, summary, due);
  if (!XXT_PLANTED_BUG("case_without_work")) EnqueueAct(tx, created);
}

void ClearNextAction(Tx& tx, v1::Case& closed) {
  closed.clear_next_action();
  tasks::Cancel(tx.session, ActKey(closed));
  edge::Never(tx, kLookKind, closed.name());
}

void Ask(Tx& tx, const v1::Case& about, const char* kind, absl::string_view subject, absl::string_view assignee,
         std::string summary) {
  AskAt(tx, about, kind, subject, assignee, std::move(summary), tx.now);
}

void AskAt(Tx& tx, const v1::Case& about, const char* kind, absl::string_view subject, absl::string_view assignee,
           std::string summary, absl::Time due) {
  tasks::NewTask task = DeskTask(about, kind, subject, std::move(summary));
  task.due = tasks::Due::ForPeople(due);
  task.assignee = std::string(assignee);
  tasks::Enqueue(tx.session, std::move(task));
}

void AskOwner(Tx& tx, const v1::Case& about, const char* kind, absl::string_view subject, std::string summary) {
  Ask(tx, about, kind, subject, about.owner(), std::move(summary));
}

absl::Status ShowUndone(Tx& tx, const tasks::Task& dead, absl::string_view words) {
  const std::string name(store::RootNameOf(dead.subject));
  XXT_ASSIGN_OR_RETURN(const std::string hall, tx.HallOf(kCases, name));
  v1::Case about;
  const absl::Status read = tx.Get(kCases, name, &about);
  edge::ShowDead(tx, dead,
                 {.kind = kDeadTaskKind,
                  .subject = name,
                  .hall = hall,
                  .summary = absl::StrCat(words, read.ok() ? about.display_code() : "诉求内容读不出来")});
  return absl::OkStatus();
}

absl::Status ShowDead(Tx& tx, const tasks::Task& dead, absl::string_view) {
  return ShowUndone(tx, dead, "系统没能完成这件诉求的一项定时工作，请人工查看：");
}

}  // namespace xxt::intake::cases
