#include "services/notification/app/outcomes.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/calendar/shanghai_time.h"
#include "common/events/events.h"
#include "common/fault/crash_point.h"
#include "common/identifiers/uuid.h"
#include "common/tasks/task.h"
#include "services/notification/storage/report_store.h"

namespace xxt::notification::app {
namespace {

std::string NewId() { return identifiers::NewUuid(absl::Now()); }

// When the receipt of the current delivery is overdue, if it was accepted.
absl::Time ReceiptDue(const Context& context, const Message& message) {
  return message.current().update_time + context.policy.receipt_timeout;
}

// Tells the case what became of the message.
void ReportToCase(const Context& context, Message& message, Channel channel) {
  if (XXT_PLANTED_BUG("reports_nothing")) return;
  const std::string id = NewId();
  report_store::Insert(context.session, {id, message.id, ++message.report_count, message.state, channel, context.now});
  tasks::NewTask task;
  task.id = id;
  task.kind = kReportCaseKind;
  task.subject = message.name();
  tasks::Enqueue(context.session, std::move(task));
}

void SetState(const Context& context, Message& message, MessageState state, std::string reason) {
  message.state = state;
  message.state_reason = std::move(reason);
  message.update_time = context.now;
}

void PutInDoubt(const Context& context, Message& message) {
  const Delivery& delivery = message.current();
  const std::string accepted = absl::FormatTime("%m月%d日%H:%M", delivery.update_time, calendar::Shanghai());
  SetState(context, message, MessageState::kInDoubt,
           delivery.state == DeliveryState::kAccepted
               ? absl::StrCat(accepted, "网关已收下短信，至今没有回执，是否送到不能确定")
               : "发出短信后没有等到网关答复，可能已发出，也可能没有");
  tasks::NewTask task;
  task.kind = kInDoubtKind;
  task.subject = message.name();
  task.dedupe_key = absl::StrCat(kInDoubtKind, "/", delivery.id);
  task.lane = tasks::Lane::kDesk;
  task.due = tasks::Due::ForPeople(context.now);
  task.hall = message.hall;
  task.summary = absl::StrCat("短信是否送到不能确定，请向当事人核实：", message.headline);
  tasks::Enqueue(context.session, std::move(task));
  Tell(context, message, "message.in_doubt.v1", "短信是否送到不能确定");
  ReportToCase(context, message, delivery.channel);
}

void AwaitReceipt(const Context& context, const Message& message) {
  tasks::NewTask task;
  task.kind = kCheckReceiptKind;
  task.subject = message.name();
  task.dedupe_key = absl::StrCat(kCheckReceiptKind, "/", message.current().id);
  task.due = tasks::Due::At(ReceiptDue(context, message), context.now);
  tasks::Enqueue(context.session, std::move(task));
}

std::string WhyFailed(const Delivery& delivery) {
  return absl::StrCat("短信没有送到", delivery.detail.empty() ? "" : "：", delivery.detail, "，已转为电话告知");
}

}  // namespace

void Tell(const Context& context, const Message& message, absl::string_view type, absl::string_view what) {
  events::Event event;
  event.type = std::string(type);
  event.subject = message.name();
  event.hall = message.hall;
  event.actor = context.actor;
  event.summary = absl::StrCat(what, "：", message.headline);
  event.time = context.now;
  events::Append(context.session, std::move(event));
}

void CancelTasks(const Context& context, const Message& message) {
  for (const char* kind : {kSendSmsKind, kCheckReceiptKind, kCallKind, kInDoubtKind}) {
    if (context.own_kind != kind) tasks::CancelAll(context.session, kind, message.name());
  }
}

void StartSms(const Context& context, Message& message) {
  TakeCorrection(message);
  const Delivery& delivery = AddDelivery(message, NewId(), Channel::kSms, context.now);
  SetState(context, message, MessageState::kSending, "");
  tasks::NewTask task;
  task.id = delivery.id;
  task.kind = kSendSmsKind;
  task.subject = message.name();
  task.lane = message.urgent ? tasks::Lane::kUrgent : tasks::Lane::kNormal;
  task.due = tasks::Due::At(EarliestSms(context.policy, message.urgent, context.now), context.now);
  tasks::Enqueue(context.session, std::move(task));
}

void StartCall(const Context& context, Message& message) {
  TakeCorrection(message);
  AddDelivery(message, NewId(), Channel::kVoiceCall, context.now);
  EnqueueCall(context, message, context.now);
}

void EnqueueCall(const Context& context, const Message& message, absl::Time due) {
  const Delivery& delivery = message.current();
  tasks::NewTask task;
  task.kind = kCallKind;
  task.subject = message.name();
  task.dedupe_key = absl::StrCat(kCallKind, "/", delivery.id, "/", delivery.attempt_count + 1);
  task.lane = tasks::Lane::kDesk;
  task.due = tasks::Due::ForPeople(due);
  task.hall = message.hall;
  task.summary = absl::StrCat("请电话告知当事人：", message.headline);
  if (delivery.attempt_count > 0) absl::StrAppend(&task.summary, "，前", delivery.attempt_count, "次没有接通");
  tasks::Enqueue(context.session, std::move(task));
}

void MarkDelivered(const Context& context, Message& message, Channel channel, std::string reason) {
  SetState(context, message, MessageState::kDelivered, std::move(reason));
  CancelTasks(context, message);
  Tell(context, message, "message.delivered.v1", "已告知当事人");
  ReportToCase(context, message, channel);
}

void MarkNotReached(const Context& context, Message& message, std::string reason) {
  SetState(context, message, MessageState::kNotReached, std::move(reason));
  CancelTasks(context, message);
  Tell(context, message, "message.not_reached.v1", "没有联系上当事人");
  ReportToCase(context, message, message.current().channel);
}

void Suppress(const Context& context, Message& message) {
  SetState(context, message, MessageState::kSuppressed, "情况有变，改为告知更新的消息");
  CancelTasks(context, message);
  Tell(context, message, "message.suppressed.v1", "情况有变，不再告知");
}

bool Overtake(const Context& context, Message& message) {
  if (IsTerminal(message.state) || message.overtaken) return false;
  message.overtaken = true;
  if (IsUntouched(message.current())) Suppress(context, message);
  return true;
}

void HandToStaff(const Context& context, Message& message, std::string reason) {
  if (message.overtaken) return Suppress(context, message);
  CancelTasks(context, message);
  SetState(context, message, MessageState::kHandedToStaff, std::move(reason));
  StartCall(context, message);
  Tell(context, message, "message.handed_to_staff.v1", "转为电话告知");
  ReportToCase(context, message, message.current().channel);
}

void Readdress(const Context& context, Message& message) {
  if (!message.correction.has_value() || !IsUntouched(message.current())) return;
  TakeCorrection(message);
  message.update_time = context.now;
  Delivery& delivery = message.current();
  if (IsByPerson(delivery.channel) || FirstChannel(message.recipient) == Channel::kSms) return;
  delivery.state = Join(delivery.state, DeliveryState::kFailed).state;
  delivery.failure = FailureKind::kPermanent;
  delivery.detail = "当事人的信息已更正，不发短信";
  delivery.update_time = context.now;
  HandToStaff(context, message, "当事人的信息已更正，由窗口电话告知");
}

void Proceed(const Context& context, Message& message) {
  const Delivery& delivery = message.current();
  const bool gives_receipts = context.policy.gives_receipts && !XXT_PLANTED_BUG("accepted_is_delivered");
  switch (StepAfter(delivery.state, gives_receipts, ReceiptDue(context, message), context.now)) {
    case NextStep::kWait:
      return;
    case NextStep::kAwaitReceipt:
      return AwaitReceipt(context, message);
    case NextStep::kShowDoubt:
      return PutInDoubt(context, message);
    case NextStep::kDone: {
      const bool known = delivery.state == DeliveryState::kDelivered;
      return MarkDelivered(context, message, delivery.channel,
                           known ? "短信已送达" : "网关已收下短信，该网关不给回执");
    }
    case NextStep::kCall:
      return HandToStaff(context, message, WhyFailed(delivery));
  }
}

void Hear(const Context& context, Message& message, Delivery& delivery, const News& news) {
  if (!news.reference.empty()) delivery.provider_reference = news.reference;
  if (news.state != DeliveryState::kInDoubt) delivery.in_flight = false;
  const Advance advance = Join(delivery.state, news.state);
  if (advance.contradiction) {
    Tell(context, message, "message.receipt_contradicted.v1", "网关先后的说法互相矛盾，以已送达的为准");
  }
  if (!advance.changed) return;
  delivery.state = advance.state;
  delivery.failure = news.failure;
  delivery.detail = news.detail;
  delivery.update_time = context.now;
  message.update_time = context.now;
  if (delivery.state == DeliveryState::kDelivered) {
    if (message.state != MessageState::kDelivered) MarkDelivered(context, message, delivery.channel, "短信已送达");
    return;
  }
  // What is heard of an earlier try, or after the end, is kept and no more.
  if (&delivery != &message.current() || IsTerminal(message.state)) return;
  Proceed(context, message);
}

}  // namespace xxt::notification::app
