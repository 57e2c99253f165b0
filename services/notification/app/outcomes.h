#ifndef XXT_SERVICES_NOTIFICATION_APP_OUTCOMES_H_
#define XXT_SERVICES_NOTIFICATION_APP_OUTCOMES_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/pg/session.h"
#include "services/notification/domain/message.h"
#include "services/notification/domain/sending_policy.h"

// What follows from news about a delivery: the message's state, the next task,
// the event, and the word to the case. All functions take a message that was
// loaded for update, change it, and queue what belongs into the same
// transaction; the caller saves the message.
namespace xxt::notification::app {

// Kinds of tasks.
inline constexpr char kSendSmsKind[] = "message.send_sms";            // machine; its id is the delivery's
inline constexpr char kCheckReceiptKind[] = "message.check_receipt";  // machine
inline constexpr char kTakeReceiptKind[] = "message.take_receipt";    // machine
inline constexpr char kReportCaseKind[] = "message.report_case";      // machine; its id is the report's
inline constexpr char kCallKind[] = "message.call";                   // desk
inline constexpr char kInDoubtKind[] = "message.in_doubt";            // desk
inline constexpr char kDeadTaskKind[] = "notification.dead_task";     // desk

// Who acts when nobody does.
inline constexpr char kSelf[] = "services/notification";

// Where in the world the change comes from.
struct Context {
  pg::Session& session;
  const SendingPolicy& policy;
  absl::Time now;  // business time
  std::string actor = kSelf;
  // Kind of the task that is being settled by this; it is left alone.
  std::string own_kind;
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
void Hear(const Context& context, Message& message, Delivery& delivery, const News& news);

// Does what the rules say comes after the current delivery: waits for the
// receipt, shows the doubt to a person, or hands over to the telephone.
void Proceed(const Context& context, Message& message);

// Makes a text message and the task that sends it. The message is on its way, to
// the right recipient if there was a correction.
void StartSms(const Context& context, Message& message);

// Makes a call by a person, likewise. The message's state is the caller's to set.
void StartCall(const Context& context, Message& message);

// Takes the message's correction, if it has one and its current try has not
// gone out. A text message that the right recipient cannot get becomes a call.
void Readdress(const Context& context, Message& message);

// Queues the task for the next try of the current call, due at `due`.
void EnqueueCall(const Context& context, const Message& message, absl::Time due);

// The message has been told by `channel`. Whatever else was under way for it
// is cancelled, and the case is told.
void MarkDelivered(const Context& context, Message& message, Channel channel, std::string reason);

// People did not reach anybody. The case is told.
void MarkNotReached(const Context& context, Message& message, std::string reason);

// A person at the window calls, because `reason`. The case is told. Words that
// were overtaken are suppressed instead.
void HandToStaff(const Context& context, Message& message, std::string reason);

// What the message says is true no more, and newer words are told: it is not
// told. Nobody reports it to the case.
void Suppress(const Context& context, Message& message);

// The same for a message that may be under way: what the gateway may have, or
// somebody told, cannot be taken back, but is not told again. False if there was
// nothing to take note of.
bool Overtake(const Context& context, Message& message);

// Queues an event about the message: "message.delivered.v1", `what` being a
// few words in Chinese that go before the headline.
void Tell(const Context& context, const Message& message, absl::string_view type, absl::string_view what);

// Queues the cancelling of all open tasks for the message but those of
// context.own_kind, and those that report to the case.
void CancelTasks(const Context& context, const Message& message);

}  // namespace xxt::notification::app

#endif  // XXT_SERVICES_NOTIFICATION_APP_OUTCOMES_H_
