#include "services/intake/app/tell_tasks.h"

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "common/fault/crash_point.h"
#include "common/status/macros.h"
#include "services/intake/app/case_change.h"
#include "services/intake/app/case_tasks.h"
#include "services/intake/storage/case_store.h"
#include "services/intake/storage/duty_store.h"
#include "services/intake/storage/message_payload.h"

namespace xxt::intake::app {
namespace {

constexpr char kTellKind[] = "case.tell";

// How people dial it.
std::string PhoneOf(const Party& party) {
  return party.phone_extension.empty() ? party.phone_number
                                       : absl::StrCat(party.phone_number, " 转 ", party.phone_extension);
}

// Adds what every reader of the template may know from the case and its hall.
void AddWindow(const Case& about, const duty_store::Window& window, Message& message) {
  message.parameters["code"] = about.display_code;
  const bool received = message.template_id == "case-received";
  if (received) {
    message.parameters["officer"] = window.officer.empty() ? "窗口工作人员" : window.officer;
  }
  if (received || message.template_id == "case-closed") {
    message.parameters["hall"] = window.hall.title;
    message.parameters["phone"] = window.hall.phone_number;
  }
}

absl::StatusOr<AddressedMessage> Address(pg::Session& session, const tasks::Task& task) {
  XXT_ASSIGN_OR_RETURN(const std::string id, CaseIdOf(task.subject, "name"));
  XXT_ASSIGN_OR_RETURN(const Case about, case_store::Load(session, id));
  XXT_ASSIGN_OR_RETURN(const duty_store::Window window, duty_store::LoadWindow(session, about.hall, about.owner));
  AddressedMessage addressed;
  XXT_ASSIGN_OR_RETURN(addressed.message, message_payload::Read(task.payload));
  AddWindow(about, window, addressed.message);
  const Party* applicant = ApplicantOf(about);
  if (applicant == nullptr) return absl::InternalError("case without applicant");
  addressed.case_name = about.name();
  addressed.hall = about.hall;
  addressed.audience = absl::StrCat(about.name(), "/parties/", applicant->id);
  addressed.display_name = applicant->display_name;
  addressed.phone_number = PhoneOf(*applicant);
  addressed.no_sms = applicant->no_sms;
  addressed.language_code = applicant->language_code;
  return addressed;
}

tasks::Verdict Handle(pg::Pool& pool, Notification& notification, const tasks::Task& task, SteadyTime deadline) {
  AddressedMessage addressed;
  const absl::Status read = pg::Read(pool, deadline, [&](pg::Session& session) -> absl::Status {
    XXT_ASSIGN_OR_RETURN(addressed, Address(session, task));
    return absl::OkStatus();
  });
  if (read.code() == absl::StatusCode::kInternal || read.code() == absl::StatusCode::kNotFound) {
    return tasks::Verdict::Dead("the case or its message cannot be read");
  }
  if (!read.ok()) return tasks::Verdict::Retry("the case cannot be read now");
  XXT_CRASH_POINT("intake.before_tell");
  const TellOutcome outcome = notification.Tell(addressed, task.id, deadline);
  XXT_CRASH_POINT("intake.after_tell");
  switch (outcome.kind) {
    case TellOutcome::Kind::kAccepted:
      return tasks::Verdict::Done();
    case TellOutcome::Kind::kRefused:
      return tasks::Verdict::Dead(outcome.reason);
    case TellOutcome::Kind::kTryLater:
      break;
  }
  return tasks::Verdict::Retry(outcome.reason);
}

// Nothing ends in silence: a person calls instead.
absl::Status OnDead(pg::Session& session, const tasks::Task& task) {
  XXT_ASSIGN_OR_RETURN(const std::string id, CaseIdOf(task.subject, "name"));
  absl::StatusOr<Case> about = case_store::Load(session, id);
  if (!about.ok()) return about.status();
  EnqueueDeadTask(session, task, about->name(), about->hall,
                  absl::StrCat("消息未能发出，请电话告知当事人：", about->display_code));
  return absl::OkStatus();
}

}  // namespace

void TellApplicant(pg::Session& session, const Case& about, const Message& message) {
  tasks::NewTask task;
  task.kind = kTellKind;
  task.subject = about.name();
  task.dedupe_key = absl::StrCat(kTellKind, "/", about.id, "#", message.event);
  task.payload = message_payload::Write(message);
  tasks::Enqueue(session, std::move(task));
}

tasks::MachineKind TellKind(pg::Pool& pool, Notification& notification) {
  tasks::MachineKind kind;
  kind.name = kTellKind;
  kind.handle = [&pool, &notification](const tasks::Task& task, SteadyTime deadline) {
    return Handle(pool, notification, task, deadline);
  };
  kind.retry_cap = absl::Minutes(15);  // a service of our own: it comes back
  kind.on_dead = [](pg::Session& session, const tasks::Task& task, absl::string_view) { return OnDead(session, task); };
  return kind;
}

}  // namespace xxt::intake::app
