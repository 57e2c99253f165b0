#include "services/intake/cases/tell.h"

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "common/edge/noun.h"
#include "common/fault/crash_point.h"
#include "common/rpc/peer_answer.h"
#include "services/intake/cases/cases.h"
#include "services/intake/cases/message_payload.h"
#include "services/intake/cases/next_action.h"
#include "services/intake/cases/recipient.h"
#include "services/intake/hall/hall.h"

namespace xxt::intake::cases {
namespace {

constexpr char kCaseClosed[] = "the case is closed";

// Adds what every reader of the template may know from the case and its hall.
void AddWindow(const v1::Case& about, const hall::Window& window, Message& message) {
  message.parameters["code"] = about.display_code();
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
void AddLastDay(const v1::Case& about, AddressedMessage& addressed) {
  const auto news = about.referrals().find(addressed.message.referral);
  if (news == about.referrals().end()) return;
  addressed.last_day_revision = news->second.last_day_revision();
  if (addressed.message.template_id == "route-sheet-ready" && news->second.has_last_day()) {
    addressed.message.parameters["last_day"] = rpc::FromProto(news->second.last_day());
  }
}

absl::StatusOr<AddressedMessage> Address(Tx& tx, const v1::Case& about, const Message& message) {
  XXT_ASSIGN_OR_RETURN(const hall::Window window, hall::LoadWindow(tx.session, about.hall(), about.owner()));
  AddressedMessage addressed;
  addressed.message = message;
  AddWindow(about, window, addressed.message);
  AddLastDay(about, addressed);
  addressed.hall = about.hall();
  static_cast<Addressee&>(addressed) = AddresseeOf(about, ApplicantOf(about));
  return addressed;
}

TellingFacts FactsOf(const v1::Case& about, const std::string& referral) {
  TellingFacts facts{.closed = !IsOpen(about), .checklist_version = about.checklist_version()};
  const auto news = about.referrals().find(referral);
  facts.knows_referral = news != about.referrals().end();
  if (facts.knows_referral && news->second.has_last_day()) facts.last_day = rpc::FromProto(news->second.last_day());
  return facts;
}

tasks::Verdict Tell(const edge::Host& host, pg::Pool& pool, Notification& notification, const tasks::Task& task,
                    SteadyTime deadline) {
  const absl::StatusOr<Message> message = message_payload::Read(task.payload);
  if (!message.ok()) return tasks::Verdict::Dead("its message cannot be read");
  AddressedMessage addressed;
  Telling telling = Telling::kTell;
  const absl::Status read = edge::ReadAsService(host, pool, deadline, [&](Tx& tx) -> absl::Status {
    v1::Case about;
    XXT_RETURN_IF_ERROR(tx.Get(kCases, task.subject, &about));
    XXT_ASSIGN_OR_RETURN(addressed, Address(tx, about, *message));
    telling = DecideTelling(FactsOf(about, addressed.message.referral), addressed.message);
    return absl::OkStatus();
  });
  if (absl::IsNotFound(read)) return tasks::Verdict::Dead("the case is gone");
  // Also of what does not open: its key may be back later.
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
absl::Status OnUntold(Tx& tx, const tasks::Task& task, absl::string_view reason) {
  v1::Case about;
  XXT_RETURN_IF_ERROR(tx.Get(kCases, task.subject, &about));
  ShowUndone(tx, task, about,
             absl::StrCat(reason == kCaseClosed ? "事项已办结，外部单位又有消息，请看是否还要告知当事人："
                                                : "没能确认消息已发出，请先查看消息记录，再电话告知当事人：",
                          about.display_code()));
  return absl::OkStatus();
}

}  // namespace

void TellApplicant(Tx& tx, const v1::Case& about, const Message& message) {
  tasks::NewTask task;
  task.kind = kTellKind;
  task.subject = about.name();
  task.dedupe_key = absl::StrCat(kTellKind, "/", about.name(), "#", message.event);
  task.payload = message_payload::Write(message);
  tasks::Enqueue(tx.session, std::move(task));
}

tasks::MachineKind TellKind(const edge::Host& host, pg::Pool& pool, Notification& notification) {
  tasks::MachineKind kind =
      rpc::PeerKind(kTellKind, [&host, &pool, &notification](const tasks::Task& task, SteadyTime deadline) {
        return Tell(host, pool, notification, task, deadline);
      });
  kind.on_dead = edge::WhenDead(host, OnUntold);
  return kind;
}

}  // namespace xxt::intake::cases
