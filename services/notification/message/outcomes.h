#ifndef XXT_SERVICES_NOTIFICATION_MESSAGE_OUTCOMES_H_
#define XXT_SERVICES_NOTIFICATION_MESSAGE_OUTCOMES_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/store/tx.h"
#include "services/notification/message/delivery.h"
#include "services/notification/message/sending_policy_rules.h"
#include "xixinting/notification/v1/message.pb.h"

// What follows from news about a delivery: the message's state, the next task,
// the event, and the word to the case. All functions take a message that is
// new or was locked, change it, and queue what belongs into the same
// transaction; the caller inserts or saves the message.
namespace xxt::notification::message {

// Kinds of tasks.
inline constexpr char kSendSmsKind[] = "message.send_sms";            // machine; its id is the delivery's
inline constexpr char kSendEmailKind[] = "message.send_email";        // machine, likewise
inline constexpr char kSendWechatKind[] = "message.send_wechat";      // machine, likewise
inline constexpr char kSendWebhookKind[] = "message.send_webhook";    // machine, likewise
inline constexpr char kCheckReceiptKind[] = "message.check_receipt";  // machine
inline constexpr char kTakeReceiptKind[] = "message.take_receipt";    // machine
inline constexpr char kCallKind[] = "message.call";                   // desk
inline constexpr char kLetterKind[] = "message.letter";               // desk
inline constexpr char kInDoubtKind[] = "message.in_doubt";            // desk

// Where in the world the change comes from.
struct Context {
  Tx& tx;
  const SendingPolicy& policy;
  // Kind of the task that is being settled by this; it is left alone.
  absl::string_view own_kind = "";
};

// What is heard of a delivery.
struct News {
  DeliveryState state = DeliveryState::kAccepted;
  FailureKind failure = FailureKind::kNone;
  std::string detail;     // without personal data
  std::string reference;  // the gateway's number; empty: not said
};

// Joins news of one of the message's deliveries and does what follows from it.
// News that is older than what is known changes nothing; news that contradicts
// a terminal state is kept as an event.
void Hear(const Context& context, v1::Message& message, v1::Delivery& delivery, const News& news);

// Does what the rules say comes after the current delivery: waits for the
// receipt, shows the doubt to a person, or goes on by another channel.
void Proceed(const Context& context, v1::Message& message);

// Makes a try by the channel and its task, to the right recipient if there was a
// correction. By the machine's channels the message is on its way; by a person's
// its state is the caller's to set.
void Start(const Context& context, v1::Message& message, common::Channel channel);

// The current try has failed: goes on by the next channel (way.h). If there is
// none left, people did not reach anybody.
void GoOn(const Context& context, v1::Message& message);

// A person has posted the current letter. It is on its way, and another person
// asks after some days whether it is there.
void MarkPosted(const Context& context, v1::Message& message);

// Takes the message's correction, if it has one and its current try has not
// gone out. A try that does not lead to the right recipient has failed.
void Readdress(const Context& context, v1::Message& message);

// Queues the task for the next try of the current call, due at `due`.
void EnqueueCall(const Context& context, const v1::Message& message, absl::Time due);

// The message has been told by `channel`. Whatever else was under way for it
// is cancelled, and the case is told.
void MarkDelivered(const Context& context, v1::Message& message, common::Channel channel, std::string reason);

// People did not reach anybody. The case is told.
void MarkNotReached(const Context& context, v1::Message& message, std::string reason);

// A person at the window calls, or posts a letter, because `reason`. The case is
// told. Words that were overtaken, or are kept back, are suppressed instead.
void HandToStaff(const Context& context, v1::Message& message, common::Channel channel, std::string reason);

// What the message says is true no more, as when newer words are told, or nothing is
// told to its recipient: it is not told. Nobody reports it to the case. Without a
// `reason` it is one of these.
void Suppress(const Context& context, v1::Message& message, std::string reason = "");

// The same for a message that may be under way: what the gateway may have, or
// somebody told, cannot be taken back, but is not told again. False if there was
// nothing to take note of.
bool Overtake(const Context& context, v1::Message& message);

// Keeps it back, for nothing is to be told to its recipient any more: what the gateway has, or may have, cannot be
// taken back, but is not told again.
void KeepBack(const Context& context, v1::Message& message);

// Queues an event about the message: "message.delivered.v1", `what` being a
// few words in Chinese that go before the headline.
void Tell(const Context& context, const v1::Message& message, absl::string_view type, absl::string_view what);

// Queues the cancelling of all open tasks for the message but those of
// context.own_kind, and those that report to the case.
void CancelTasks(const Context& context, const v1::Message& message);

}  // namespace xxt::notification::message

#endif  // XXT_SERVICES_NOTIFICATION_MESSAGE_OUTCOMES_H_
