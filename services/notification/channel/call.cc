#include <functional>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/edge/noun.h"
#include "services/notification/message/doubt.h"
#include "services/notification/message/message.h"
#include "services/notification/message/outcomes.h"
#include "services/notification/slices.h"

namespace xxt::notification {
namespace {

using message::Context;

constexpr char kReached[] = "REACHED";

void NoteNotReached(const Context& context, v1::Message& message) {
  v1::Delivery& delivery = message::Current(message);
  const bool last = delivery.attempt_count() >= context.policy.call_tries;
  message::Note(delivery, last ? DeliveryState::kFailed : DeliveryState::kCreated,
                last ? FailureKind::kTemporary : FailureKind::kNone,
                absl::StrCat("打了", delivery.attempt_count(), "次电话，没有接通"), context.tx.now);
  if (last) return message::GoOn(context, message);
  message::EnqueueCall(context, message, NextCall(context.policy, context.tx.now));
}

// A person called. What they noted is kept whatever it came to.
absl::Status Call(const SendingPolicy& policy, Tx& tx, const tasks::Task& task, const tasks::Completion& completion) {
  XXT_ASSIGN_OR_RETURN(v1::Message message, message::Lock(tx, task.subject));
  message::Decide(tx, message, completion.outcome, completion.note);
  // A receipt may have come while the person was calling.
  v1::Delivery& delivery = message::Current(message);
  if (message::IsOver(message.state()) || delivery.channel() != common::CHANNEL_PHONE) return absl::OkStatus();
  delivery.set_attempt_count(delivery.attempt_count() + 1);
  const Context context{tx, policy, message::kCallKind};
  if (completion.outcome == kReached) {
    message::Note(delivery, DeliveryState::kDelivered, FailureKind::kNone, "已电话告知", tx.now);
    message::MarkDelivered(context, message, delivery.channel(), "工作人员已电话告知");
  } else {
    NoteNotReached(context, message);
  }
  message::Save(tx, message);
  return absl::OkStatus();
}

}  // namespace

edge::Slice CallSlice(const edge::Host& host, const SendingPolicy& policy) {
  return {{},
          {edge::Desk(host, message::kCallKind, {"REACHED", "NOT_REACHED"}, std::bind_front(Call, std::cref(policy)))},
          {}};
}

}  // namespace xxt::notification
