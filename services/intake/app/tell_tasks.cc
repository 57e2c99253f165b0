#include "services/intake/app/tell_tasks.h"

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "common/fault/crash_point.h"
#include "common/rpc/peer_answer.h"
#include "common/status/macros.h"
#include "services/intake/app/case_change.h"
#include "services/intake/cases/root.h"
#include "services/intake/domain/telling.h"
#include "services/intake/hall/hall.h"
#include "services/intake/storage/case_store.h"
#include "services/intake/storage/message_payload.h"

namespace xxt::intake::app {
namespace {

constexpr char kTellKind[] = "case.tell";
constexpr char kCaseClosed[] = "the case is closed";

// How people dial it.
std::string PhoneOf(const Party& party) {
  return party.phone_extension.empty() ? party.phone_number
                                       : absl::StrCat(party.phone_number, " 转 ", party.phone_extension);
}

// Adds what every reader of the template may know from the case and its hall.
void AddWindow(const Case& about, const hall::Window& window, Message& message) {
  message.parameters["code"] = about.display_code;
  const bool received = message.template_id == "case-received";
  if (received) {
    message.parameters["officer"] = window.officer.empty() ? "窗口工作人员" : window.officer;
  }
  if (received || message.template_id == "case-closed") {
    message.parameters["hall"] = window.hall.title();
    message.parameters["phone"] = window.hall.phone_number();
  }
}

// A route sheet is told with the last day that is right now. Words about the day
// itself are not: DecideTelling drops them, for the newer ones say it.
void AddLastDay(const Case& about, AddressedMessage& addressed) {
  const auto referral = about.referrals.find(addressed.message.referral);
  if (referral == about.referrals.end()) return;
  addressed.last_day_revision = referral->second.last_day_revision;
  if (addressed.message.template_id == "route-sheet-ready" && referral->second.last_day.has_value()) {
    addressed.message.parameters["last_day"] = *referral->second.last_day;
  }
}

absl::StatusOr<AddressedMessage> Address(pg::Session& session, const Case& about, const tasks::Task& task) {
  XXT_ASSIGN_OR_RETURN(const hall::Window window, hall::LoadWindow(session, about.hall, about.owner));
  AddressedMessage addressed;
  XXT_ASSIGN_OR_RETURN(addressed.message, message_payload::Read(task.payload));
  AddWindow(about, window, addressed.message);
  AddLastDay(about, addressed);
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
  Telling telling = Telling::kTell;
  const absl::Status read = pg::Read(pool, deadline, [&](pg::Session& session) -> absl::Status {
    XXT_ASSIGN_OR_RETURN(const std::string id, CaseIdOf(task.subject, "name"));
    XXT_ASSIGN_OR_RETURN(const Case about, case_store::Load(session, id));
    XXT_ASSIGN_OR_RETURN(addressed, Address(session, about, task));
    telling = DecideTelling(about, addressed.message);
    return absl::OkStatus();
  });
  if (read.code() == absl::StatusCode::kInternal || read.code() == absl::StatusCode::kNotFound) {
    return tasks::Verdict::Dead("the case or its message cannot be read");
  }
  if (!read.ok()) return tasks::Verdict::Retry("the case cannot be read now");
  if (telling == Telling::kLeave) return tasks::Verdict::Done();
  if (telling == Telling::kAskPerson) return tasks::Verdict::Dead(kCaseClosed);
  XXT_CRASH_POINT("intake.before_tell");
  const absl::Status told = notification.Tell(addressed, task.id, deadline);
  XXT_CRASH_POINT("intake.after_tell");
  return rpc::VerdictOf(told, "notification");
}

// Nothing ends in silence: a person looks, and calls if need be. Nobody knows
// here whether an attempt without an answer got through.
absl::Status OnDead(pg::Session& session, const tasks::Task& task, absl::string_view reason) {
  XXT_ASSIGN_OR_RETURN(const std::string id, CaseIdOf(task.subject, "name"));
  absl::StatusOr<Case> about = case_store::Load(session, id);
  if (!about.ok()) return about.status();
  cases::AskToLook(session, task, about->name(), about->hall,
                   absl::StrCat(reason == kCaseClosed ? "事项已办结，外部单位又有消息，请看是否还要告知当事人："
                                                      : "没能确认消息已发出，请先查看消息记录，再电话告知当事人：",
                                about->display_code));
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
  tasks::MachineKind kind =
      rpc::PeerKind(kTellKind, [&pool, &notification](const tasks::Task& task, SteadyTime deadline) {
        return Handle(pool, notification, task, deadline);
      });
  kind.on_dead = [](pg::Session& session, const tasks::Task& task, absl::string_view reason) {
    return OnDead(session, task, reason);
  };
  return kind;
}

}  // namespace xxt::intake::app
