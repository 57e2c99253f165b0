#include "services/notification/message/outcomes.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/calendar/shanghai_time.h"
#include "common/edge/noun.h"
#include "common/fault/crash_point.h"
#include "common/identifiers/uuid.h"
#include "services/notification/message/message.h"
#include "services/notification/message/recipient.h"
#include "services/notification/message/report.h"
#include "services/notification/message/way.h"

namespace xxt::notification::message {
namespace {

std::string NewId() { return identifiers::NewUuid(absl::Now()); }

// When the receipt of the current delivery is overdue, if it was accepted. Of a letter people ask for it.
absl::Time ReceiptDue(const Context& context, const v1::Message& message) {
  const v1::Delivery& delivery = Current(message);
  const bool letter = delivery.channel() == common::CHANNEL_POST;
  return rpc::FromProto(delivery.update_time()) +
         (letter ? context.policy.letter_takes : context.policy.receipt_timeout);
}

bool GivesReceipts(const Context& context, common::Channel channel) {
  if (channel != common::CHANNEL_SMS) return channel == common::CHANNEL_POST;
  return context.policy.gives_receipts && !XXT_PLANTED_BUG("accepted_is_delivered");
}

void SetState(const Context& context, v1::Message& message, v1::Message::State state, std::string reason) {
  message.set_state(state);
  message.set_state_reason(std::move(reason));
  message.clear_end_time();
  message.clear_paused_channel();
  if (IsOver(state)) rpc::ToProto(context.tx.now, message.mutable_end_time());
}

std::string WhyInDoubt(const v1::Delivery& delivery) {
  const std::string accepted =
      absl::FormatTime("%m月%d日%H:%M", rpc::FromProto(delivery.update_time()), calendar::Shanghai());
  if (delivery.channel() == common::CHANNEL_POST) return absl::StrCat(accepted, "寄出信件，是否收到还不知道");
  if (delivery.channel() == common::CHANNEL_EMAIL) return "发出邮件后没有等到邮件服务器答复，可能已发出，也可能没有";
  if (delivery.channel() != common::CHANNEL_SMS) {
    return absl::StrCat("发出", TitleOf(delivery.channel()), "后没有等到答复，可能已发出，也可能没有");
  }
  return delivery.state() == v1::Delivery::STATE_ACCEPTED
             ? absl::StrCat(accepted, "网关已收下短信，至今没有回执，是否送到不能确定")
             : "发出短信后没有等到网关答复，可能已发出，也可能没有";
}

void PutInDoubt(const Context& context, v1::Message& message) {
  const v1::Delivery& delivery = Current(message);
  SetState(context, message, v1::Message::STATE_IN_DOUBT, WhyInDoubt(delivery));
  tasks::NewTask task;
  task.kind = kInDoubtKind;
  task.subject = message.name();
  task.dedupe_key = edge::KeyOf(kInDoubtKind, delivery.id());
  task.lane = tasks::Lane::kDesk;
  task.due = tasks::Due::ForPeople(context.tx.now);
  task.hall = message.hall();
  const absl::string_view title = TitleOf(delivery.channel());
  task.summary = absl::StrCat(title, "是否送到不能确定，请向当事人核实：", message.headline());
  tasks::Enqueue(context.tx.session, std::move(task));
  Tell(context, message, "message.in_doubt.v1", absl::StrCat(title, "是否送到不能确定"));
  Report(context.tx, message, delivery.channel());
}

void AwaitReceipt(const Context& context, const v1::Message& message) {
  tasks::NewTask task;
  task.kind = kCheckReceiptKind;
  task.subject = message.name();
  task.dedupe_key = edge::KeyOf(kCheckReceiptKind, Current(message).id());
  task.due = tasks::Due::At(ReceiptDue(context, message), context.tx.now);
  tasks::Enqueue(context.tx.session, std::move(task));
}

std::string WhyFailed(const v1::Delivery& delivery, common::Channel next) {
  if (IsByPerson(delivery.channel())) {
    return absl::StrCat(delivery.detail(), next == common::CHANNEL_POST ? "，已转为寄信告知" : "，已转为电话告知");
  }
  return absl::StrCat(TitleOf(delivery.channel()), "没有送到", delivery.detail().empty() ? "" : "：", delivery.detail(),
                      next == common::CHANNEL_POST ? "，已转为寄信告知" : "，已转为电话告知");
}

std::string WhyDone(const v1::Delivery& delivery) {
  if (delivery.state() == v1::Delivery::STATE_DELIVERED) return absl::StrCat(TitleOf(delivery.channel()), "已送达");
  if (delivery.channel() == common::CHANNEL_SMS) return "网关已收下短信，该网关不给回执";
  if (delivery.channel() == common::CHANNEL_EMAIL) return "邮件服务器已收下邮件，邮件没有回执";
  return absl::StrCat("对方已收下", TitleOf(delivery.channel()), "，没有回执");
}

// The machine's kind that sends by the channel.
const char* SendingKind(common::Channel channel) {
  if (channel == common::CHANNEL_EMAIL) return kSendEmailKind;
  if (channel == common::CHANNEL_WECHAT) return kSendWechatKind;
  return channel == common::CHANNEL_WEB ? kSendWebhookKind : kSendSmsKind;
}

void EnqueueSending(const Context& context, const v1::Message& message) {
  const absl::Time now = context.tx.now;
  const v1::Delivery& delivery = Current(message);
  tasks::NewTask task;
  task.id = delivery.id();
  task.kind = SendingKind(delivery.channel());
  task.subject = message.name();
  task.lane = message.urgent() ? tasks::Lane::kUrgent : tasks::Lane::kNormal;
  task.due = tasks::Due::At(EarliestBy(context.policy, message, delivery.channel(), now), now);
  tasks::Enqueue(context.tx.session, std::move(task));
}

void EnqueueLetter(const Context& context, const v1::Message& message, absl::Time due) {
  tasks::NewTask task;
  task.kind = kLetterKind;
  task.subject = message.name();
  task.dedupe_key = edge::KeyOf(kLetterKind, Current(message).id());
  task.lane = tasks::Lane::kDesk;
  task.due = tasks::Due::ForPeople(due);
  task.hall = message.hall();
  task.summary = absl::StrCat("请寄信告知当事人：", message.headline());
  tasks::Enqueue(context.tx.session, std::move(task));
}

}  // namespace

void Tell(const Context& context, const v1::Message& message, absl::string_view type, absl::string_view what) {
  context.tx.Tell(message, type, absl::StrCat(what, "：", message.headline()));
}

void CancelTasks(const Context& context, const v1::Message& message) {
  for (const char* kind : {kSendSmsKind, kSendEmailKind, kSendWechatKind, kSendWebhookKind, kCheckReceiptKind,
                           kCallKind, kLetterKind, kInDoubtKind}) {
    if (context.own_kind != kind) tasks::CancelAll(context.tx.session, kind, message.name());
  }
}

void Start(const Context& context, v1::Message& message, common::Channel channel) {
  TakeCorrection(message);
  Add(message, NewId(), channel, context.tx.now);
  const absl::Time due = EarliestBy(context.policy, message, channel, context.tx.now);
  if (channel == common::CHANNEL_PHONE) return EnqueueCall(context, message, due);
  if (channel == common::CHANNEL_POST) return EnqueueLetter(context, message, due);
  SetState(context, message, v1::Message::STATE_SENDING, "");
  EnqueueSending(context, message);
}

void EnqueueCall(const Context& context, const v1::Message& message, absl::Time due) {
  const v1::Delivery& delivery = Current(message);
  tasks::NewTask task;
  task.kind = kCallKind;
  task.subject = message.name();
  task.dedupe_key = absl::StrCat(kCallKind, "/", delivery.id(), "/", delivery.attempt_count() + 1);
  task.lane = tasks::Lane::kDesk;
  task.due = tasks::Due::ForPeople(due);
  task.hall = message.hall();
  const bool rings = !NumberOf(message.recipient()).empty() && !message.recipient().hard_of_hearing();
  task.summary = absl::StrCat(rings ? "请电话告知当事人：" : "请当面告知当事人：", message.headline());
  if (delivery.attempt_count() > 0) absl::StrAppend(&task.summary, "，前", delivery.attempt_count(), "次没有接通");
  tasks::Enqueue(context.tx.session, std::move(task));
}

void MarkDelivered(const Context& context, v1::Message& message, common::Channel channel, std::string reason) {
  SetState(context, message, v1::Message::STATE_DELIVERED, std::move(reason));
  CancelTasks(context, message);
  Tell(context, message, "message.delivered.v1", "已告知当事人");
  Report(context.tx, message, channel);
}

void MarkNotReached(const Context& context, v1::Message& message, std::string reason) {
  SetState(context, message, v1::Message::STATE_NOT_REACHED, std::move(reason));
  CancelTasks(context, message);
  Tell(context, message, "message.not_reached.v1", "没有联系上当事人");
  Report(context.tx, message, Current(message).channel());
}

void Suppress(const Context& context, v1::Message& message, std::string reason) {
  if (reason.empty()) {
    reason = message.overtaken() ? "情况有变，改为告知更新的消息" : "当事人已故或不能自理，不再告知";
  }
  SetState(context, message, v1::Message::STATE_SUPPRESSED, std::move(reason));
  CancelTasks(context, message);
  Tell(context, message, "message.suppressed.v1", "情况有变，不再告知");
}

bool Overtake(const Context& context, v1::Message& message) {
  if (IsOver(message.state()) || message.overtaken()) return false;
  message.set_overtaken(true);
  if (IsUntouched(Current(message))) Suppress(context, message);
  return true;
}

void KeepBack(const Context& context, v1::Message& message) {
  if (IsOver(message.state()) || message.kept_back()) return;
  message.set_kept_back(true);
  if (IsUntouched(Current(message))) Suppress(context, message);
}

void HandToStaff(const Context& context, v1::Message& message, common::Channel channel, std::string reason) {
  if (message.overtaken() || message.kept_back()) return Suppress(context, message);
  CancelTasks(context, message);
  SetState(context, message, v1::Message::STATE_HANDED_TO_STAFF, std::move(reason));
  const common::Channel tried = Current(message).channel();
  Start(context, message, channel);
  Tell(context, message, "message.handed_to_staff.v1",
       channel == common::CHANNEL_POST ? "转为寄信告知" : "转为电话告知");
  // Nobody has rung yet: it is no call of which the case could tell.
  Report(context.tx, message, tried);
}

void GoOn(const Context& context, v1::Message& message) {
  TakeCorrection(message);
  const v1::Delivery& failed = Current(message);
  const common::Channel next = NextChannel(context.policy, message, context.tx.now);
  if (next == common::CHANNEL_UNSPECIFIED) return MarkNotReached(context, message, failed.detail());
  if (IsByPerson(next)) return HandToStaff(context, message, next, WhyFailed(failed, next));
  if (message.overtaken() || message.kept_back()) return Suppress(context, message);
  CancelTasks(context, message);
  Tell(context, message, "message.channel_changed.v1", absl::StrCat("改为", TitleOf(next), "告知"));
  Start(context, message, next);
}

void MarkPosted(const Context& context, v1::Message& message) {
  Note(Current(message), DeliveryState::kAccepted, FailureKind::kNone, "已寄出", context.tx.now);
  SetState(context, message, v1::Message::STATE_SENDING, "信已寄出，过几天向当事人核实是否收到");
  Tell(context, message, "message.letter_posted.v1", "信已寄出");
  Proceed(context, message);
}

void Readdress(const Context& context, v1::Message& message) {
  if (!message.has_correction() || !IsUntouched(Current(message))) return;
  TakeCorrection(message);
  v1::Delivery& delivery = Current(message);
  if (LeadsTo(context.policy, message.recipient(), delivery.channel())) return;
  Note(delivery, DeliveryState::kFailed, FailureKind::kPermanent, "当事人的信息已更正", context.tx.now);
  GoOn(context, message);
}

void Proceed(const Context& context, v1::Message& message) {
  const v1::Delivery& delivery = Current(message);
  const bool gives_receipts = GivesReceipts(context, delivery.channel());
  switch (StepAfter(StateOf(delivery), gives_receipts, ReceiptDue(context, message), context.tx.now)) {
    case NextStep::kWait:
      return;
    case NextStep::kAwaitReceipt:
      return AwaitReceipt(context, message);
    case NextStep::kShowDoubt:
      return PutInDoubt(context, message);
    case NextStep::kDone:
      return MarkDelivered(context, message, delivery.channel(), WhyDone(delivery));
    case NextStep::kGoOn:
      return GoOn(context, message);
  }
}

void Hear(const Context& context, v1::Message& message, v1::Delivery& delivery, const News& news) {
  if (!news.reference.empty()) delivery.set_provider_reference(news.reference);
  if (news.state != DeliveryState::kInDoubt) delivery.set_in_flight(false);
  const Advance advance = Join(StateOf(delivery), news.state);
  if (advance.contradiction) {
    Tell(context, message, "message.receipt_contradicted.v1", "网关先后的说法互相矛盾，以已送达的为准");
  }
  if (!advance.changed) return;
  Note(delivery, news.state, news.failure, news.detail, context.tx.now);
  if (delivery.state() == v1::Delivery::STATE_DELIVERED) {
    if (message.state() != v1::Message::STATE_DELIVERED) {
      MarkDelivered(context, message, delivery.channel(), WhyDone(delivery));
    }
    return;
  }
  // What is heard of an earlier try, or after the end, is kept and no more.
  if (&delivery != &Current(message) || IsOver(message.state())) return;
  Proceed(context, message);
}

}  // namespace xxt::notification::message
