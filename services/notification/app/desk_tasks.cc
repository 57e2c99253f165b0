#include "services/notification/app/desk_tasks.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/status/macros.h"
#include "services/notification/app/outcomes.h"
#include "services/notification/app/resolve_in_doubt.h"
#include "services/notification/domain/message.h"
#include "services/notification/storage/decision_store.h"
#include "services/notification/storage/message_store.h"

namespace xxt::notification::app {
namespace {

constexpr char kReached[] = "REACHED";
constexpr char kNotReached[] = "NOT_REACHED";
constexpr char kSeen[] = "SEEN";

std::string MessageIdOf(const tasks::Task& task) { return std::string(absl::StripPrefix(task.subject, "messages/")); }

void NoteNotReached(const Context& context, Message& message) {
  Delivery& delivery = message.current();
  delivery.update_time = context.now;
  delivery.detail = absl::StrCat("打了", delivery.attempt_count, "次电话，没有接通");
  if (delivery.attempt_count < context.policy.call_tries) {
    message.update_time = context.now;
    EnqueueCall(context, message, NextCall(context.policy, context.now));
    return;
  }
  delivery.state = Join(delivery.state, DeliveryState::kFailed).state;
  delivery.failure = FailureKind::kTemporary;
  MarkNotReached(context, message, delivery.detail);
}

absl::Status CompleteCall(const Context& context, const tasks::Task& task, const tasks::Completion& completion) {
  XXT_ASSIGN_OR_RETURN(Message message, message_store::LoadForUpdate(context.session, MessageIdOf(task)));
  decision_store::Insert(context.session,
                         {message.id, completion.staff, completion.outcome, completion.note, completion.now});
  // A receipt may have come while the person was calling.
  if (IsTerminal(message.state) || !IsByPerson(message.current().channel)) return absl::OkStatus();
  Delivery& delivery = message.current();
  ++delivery.attempt_count;
  if (completion.outcome == kReached) {
    delivery.state = Join(delivery.state, DeliveryState::kDelivered).state;
    delivery.detail = "已电话告知";
    delivery.update_time = completion.now;
    MarkDelivered(context, message, delivery.channel, "工作人员已电话告知");
  } else {
    NoteNotReached(context, message);
  }
  message_store::Save(context.session, message);
  return absl::OkStatus();
}

absl::Status CompleteInDoubt(const Context& context, const tasks::Task& task, const tasks::Completion& completion) {
  XXT_ASSIGN_OR_RETURN(Message message, message_store::LoadForUpdate(context.session, MessageIdOf(task)));
  for (const Resolution resolution : {Resolution::kReceived, Resolution::kSendAgain, Resolution::kCall}) {
    if (NameOf(resolution) != completion.outcome) continue;
    XXT_RETURN_IF_ERROR(Resolve(context, message, resolution, completion.note));
    message_store::Save(context.session, message);
  }
  return absl::OkStatus();
}

}  // namespace

std::vector<tasks::DeskKind> DeskKinds(const SendingPolicy& policy) {
  const auto context = [&policy](pg::Session& session, const tasks::Task& task, const tasks::Completion& completion) {
    return Context{session, policy, completion.now, completion.staff, task.kind};
  };
  return {
      {kCallKind,
       {kReached, kNotReached},
       [context](pg::Session& session, const tasks::Task& task, const tasks::Completion& completion) {
         return CompleteCall(context(session, task, completion), task, completion);
       }},
      {kInDoubtKind,
       {std::string(NameOf(Resolution::kReceived)), std::string(NameOf(Resolution::kSendAgain)),
        std::string(NameOf(Resolution::kCall))},
       [context](pg::Session& session, const tasks::Task& task, const tasks::Completion& completion) {
         return CompleteInDoubt(context(session, task, completion), task, completion);
       }},
      {kDeadTaskKind,
       {kSeen},
       [](pg::Session&, const tasks::Task&, const tasks::Completion&) { return absl::OkStatus(); }},
  };
}

absl::Status ShowDeadTask(pg::Session& session, const tasks::Task& task) {
  XXT_ASSIGN_OR_RETURN(const std::string hall, message_store::HallOf(session, MessageIdOf(task)));
  // It may be dead because the message cannot be read.
  const absl::StatusOr<Message> message = message_store::Load(session, MessageIdOf(task));
  tasks::NewTask shown;
  shown.kind = kDeadTaskKind;
  shown.subject = task.subject;
  shown.dedupe_key = absl::StrCat(kDeadTaskKind, "/", task.id);
  shown.lane = tasks::Lane::kDesk;
  shown.hall = hall;
  shown.summary =
      absl::StrCat(task.kind == kReportCaseKind ? "告知结果没能写入案件台账，请查看：" : "告知任务没能办完，请查看：",
                   message.ok() ? message->headline : "消息内容读不出来");
  tasks::Enqueue(session, std::move(shown));
  return absl::OkStatus();
}

}  // namespace xxt::notification::app
