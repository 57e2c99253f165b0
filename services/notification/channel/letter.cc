#include <functional>
#include <string>

#include "common/edge/noun.h"
#include "services/notification/message/doubt.h"
#include "services/notification/message/message.h"
#include "services/notification/message/outcomes.h"
#include "services/notification/slices.h"

namespace xxt::notification {
namespace {

constexpr char kPosted[] = "POSTED";

// A person wrote a letter, or could not. The number of a registered one stands in their note.
absl::Status Post(const SendingPolicy& policy, Tx& tx, const tasks::Task& task, const tasks::Completion& completion) {
  XXT_ASSIGN_OR_RETURN(v1::Message message, message::Lock(tx, task.subject));
  message::Decide(tx, message, completion.outcome, completion.note);
  v1::Delivery& delivery = message::Current(message);
  // They may have been told otherwise while the letter was written.
  const bool waits = delivery.channel() == common::CHANNEL_POST && delivery.state() == v1::Delivery::STATE_CREATED;
  if (message::IsOver(message.state()) || !waits) return absl::OkStatus();
  delivery.set_attempt_count(delivery.attempt_count() + 1);
  const message::Context context{tx, policy, message::kLetterKind};
  if (completion.outcome == kPosted) {
    message::MarkPosted(context, message);
  } else {
    message::Note(delivery, DeliveryState::kFailed, FailureKind::kPermanent, "信没有寄出", tx.now);
    message::GoOn(context, message);
  }
  message::Save(tx, message);
  return absl::OkStatus();
}

}  // namespace

edge::Slice LetterSlice(const edge::Host& host, const SendingPolicy& policy) {
  return {{},
          {edge::Desk(host, message::kLetterKind, {"POSTED", "NOT_POSTED"}, std::bind_front(Post, std::cref(policy)))},
          {}};
}

}  // namespace xxt::notification
