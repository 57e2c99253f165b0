#include "services/notification/app/sms_tasks.h"

#include <algorithm>
#include <functional>
#include <string>
#include <utility>

#include "absl/strings/strip.h"
#include "common/fault/crash_point.h"
#include "common/identifiers/uuid.h"
#include "common/status/macros.h"
#include "services/notification/app/desk_tasks.h"
#include "services/notification/app/outcomes.h"
#include "services/notification/domain/message.h"
#include "services/notification/storage/message_store.h"

namespace xxt::notification::app {
namespace {

using tasks::Effect;
using tasks::Task;
using tasks::Verdict;

// A gateway without memory is asked no sooner: it may still be at it.
constexpr absl::Duration kSettleTime = absl::Seconds(30);

// What is to be done about a delivery now.
struct Begun {
  enum class Step {
    kNothing,  // it is settled, or a person has taken over
    kWait,     // for the end of the quiet hours
    kLate,     // its words would not be true any more when it is sent
    kSend,
    kAsk,  // the gateway may have it, and sending again would not be safe, or not true
  };
  Step step = Step::kNothing;
  absl::Time due;                // for kWait, business time
  bool was_in_flight = false;    // an earlier attempt may have got through
  absl::Duration in_flight_for;  // since when
  std::string to;
  std::string text;
};

// Decides, and notes that the gateway may have the message before it does.
absl::Status Begin(const SmsParts& parts, pg::Session& session, const Task& task, Begun& begun) {
  const absl::Time now = parts.clock.Now();
  begun = {};
  XXT_ASSIGN_OR_RETURN(Message message, message_store::LoadForUpdateByDelivery(session, task.id));
  const DeliveryState state = message.Find(task.id)->state;
  const bool open = state == DeliveryState::kCreated || state == DeliveryState::kSending;
  if (message.state != MessageState::kSending || !open) return absl::OkStatus();
  // The correction may have come while the gateway was asked, which refused.
  Readdress({session, parts.policy, now, kSelf, kSendSmsKind}, message);
  if (message.state != MessageState::kSending) {
    message_store::Save(session, message);
    return absl::OkStatus();
  }
  Delivery& delivery = *message.Find(task.id);
  begun.was_in_flight = delivery.in_flight;
  begun.in_flight_for = delivery.in_flight_for;
  begun.due = EarliestSms(parts.policy, message.urgent, now);
  const bool late = message.overtaken || begun.due >= message.true_until;
  const bool forgotten = delivery.in_flight_for + parts.timeout >= parts.policy.idempotency_window;
  if (delivery.in_flight && (late || forgotten) && !XXT_PLANTED_BUG("blind_resend")) {
    begun.step = Begun::Step::kAsk;
    return absl::OkStatus();
  }
  if (late) {
    begun.step = Begun::Step::kLate;
    return absl::OkStatus();
  }
  if (begun.due > now) {
    begun.step = Begun::Step::kWait;
    return absl::OkStatus();
  }
  begun.step = Begun::Step::kSend;
  begun.to = message.recipient.phone_number;
  begun.text = message.sms_text;
  delivery.state = Join(delivery.state, DeliveryState::kSending).state;
  delivery.in_flight = !XXT_PLANTED_BUG("sms_not_in_flight");
  ++delivery.attempt_count;
  delivery.update_time = now;
  message_store::Save(session, message);
  return absl::OkStatus();
}

// Makes an effect of a change to the delivery `id` and its message.
Effect Change(const SmsParts& parts, const std::string& id,
              std::function<void(const Context&, Message&, Delivery&)> change) {
  const absl::Time now = parts.clock.Now();
  const SendingPolicy& policy = parts.policy;
  return [&policy, id, now, change = std::move(change)](pg::Session& session) -> absl::Status {
    XXT_ASSIGN_OR_RETURN(Message message, message_store::LoadForUpdateByDelivery(session, id));
    change({session, policy, now, kSelf, kSendSmsKind}, message, *message.Find(id));
    message_store::Save(session, message);
    return absl::OkStatus();
  };
}

Effect HearEffect(const SmsParts& parts, const std::string& id, News news) {
  return Change(parts, id, [news = std::move(news)](const Context& context, Message& message, Delivery& delivery) {
    Hear(context, message, delivery, news);
  });
}

// Notes an attempt that ends without the gateway's word for the message.
// `in_flight`: it may have the message all the same, from this attempt or an
// earlier one.
Effect NoteAttempt(const SmsParts& parts, const std::string& id, bool in_flight, FailureKind failure,
                   std::string detail) {
  return Change(parts, id,
                [in_flight, failure, detail = std::move(detail)](const Context&, Message&, Delivery& delivery) {
                  if (delivery.state != DeliveryState::kSending) return;  // a receipt came first
                  delivery.in_flight = in_flight;
                  delivery.failure = failure;
                  delivery.detail = detail;
                });
}

// The gateway may have it, and what it answers to another try proves nothing:
// it is asked what it has, or a person is.
Verdict Ask(const SmsParts& parts, const Task& task, const Begun& begun, SteadyTime deadline) {
  const News doubt = {DeliveryState::kInDoubt, FailureKind::kNone, "网关的答复没有收到", ""};
  if (!parts.policy.queryable) return Verdict::Done(HearEffect(parts, task.id, doubt));
  XXT_CRASH_POINT("notification.before_query");
  const absl::StatusOr<SmsOutcome> found = parts.gateway.Find(task.id, deadline);
  XXT_CRASH_POINT("notification.after_query");
  if (!found.ok()) return Verdict::Retry("the gateway cannot be asked now", kSettleTime).PartySilent();
  switch (found->kind) {
    case SmsOutcome::Kind::kAccepted:
      return Verdict::Done(
                 HearEffect(parts, task.id, {DeliveryState::kAccepted, FailureKind::kNone, "", found->reference}))
          .PartyAnswered();
    case SmsOutcome::Kind::kRefusedForGood:
      return Verdict::Done(HearEffect(parts, task.id, {DeliveryState::kFailed, found->failure, found->detail, ""}))
          .PartyAnswered();
    case SmsOutcome::Kind::kRefusedForNow:
    case SmsOutcome::Kind::kAtIt:
    case SmsOutcome::Kind::kUnknown:
      break;
  }
  if (begun.in_flight_for < kSettleTime) {
    return Verdict::Retry("the gateway may still be at it", kSettleTime).PartyAnswered();
  }
  return Verdict::Retry("the gateway does not have it", absl::Seconds(1),
                        NoteAttempt(parts, task.id, false, FailureKind::kTechnical, "网关没有收到，再发一次"))
      .PartyAnswered();
}

Verdict Send(const SmsParts& parts, const Task& task, const Begun& begun, SteadyTime deadline) {
  // A process that was paused must not touch the gateway when its lease may be
  // over; see docs/architecture.md, "A task's life".
  if (deadline.left() < parts.timeout) {
    return Verdict::Retry(
        "no time left in the lease", absl::Seconds(1),
        NoteAttempt(parts, task.id, begun.was_in_flight, FailureKind::kTechnical, "系统繁忙，稍后再发"));
  }
  XXT_CRASH_POINT("notification.before_send");
  const std::string key = XXT_PLANTED_BUG("key_per_attempt") ? identifiers::NewUuid(absl::Now()) : task.id;
  SmsOutcome outcome = parts.gateway.Send(key, begun.to, begun.text, deadline);
  XXT_CRASH_POINT("notification.after_send");
  switch (outcome.kind) {
    case SmsOutcome::Kind::kAccepted:
      return Verdict::Done(
                 HearEffect(parts, task.id, {DeliveryState::kAccepted, FailureKind::kNone, "", outcome.reference}))
          .PartyAnswered();
    case SmsOutcome::Kind::kRefusedForGood:
      if (begun.was_in_flight) return Ask(parts, task, begun, deadline);
      return Verdict::Done(HearEffect(parts, task.id, {DeliveryState::kFailed, outcome.failure, outcome.detail, ""}))
          .PartyAnswered();
    case SmsOutcome::Kind::kRefusedForNow: {
      Verdict later = Verdict::Retry("the gateway refused for now", outcome.retry_after,
                                     NoteAttempt(parts, task.id, begun.was_in_flight, outcome.failure, outcome.detail));
      return outcome.reached ? std::move(later).PartyAnswered() : std::move(later).PartySilent();
    }
    case SmsOutcome::Kind::kAtIt:
    case SmsOutcome::Kind::kUnknown:
      break;
  }
  const bool forgets = parts.policy.idempotency_window == absl::ZeroDuration();
  Verdict verdict = Verdict::Retry("the gateway may have it", forgets ? kSettleTime : absl::ZeroDuration(),
                                   NoteAttempt(parts, task.id, true, outcome.failure, outcome.detail));
  // "I am at it" is an answer.
  return outcome.kind == SmsOutcome::Kind::kUnknown ? std::move(verdict).PartySilent()
                                                    : std::move(verdict).PartyAnswered();
}

Verdict HandleSend(const SmsParts& parts, const Task& task, SteadyTime deadline) {
  Begun begun;
  const absl::Status status =
      pg::InTransaction(parts.pool, deadline, [&](pg::Session& session) { return Begin(parts, session, task, begun); });
  if (!status.ok()) return Verdict::Retry("the store is away");
  XXT_CRASH_POINT("notification.begun");
  switch (begun.step) {
    case Begun::Step::kNothing:
      return Verdict::Done();
    case Begun::Step::kWait:
      return Verdict::Retry("quiet hours", absl::Seconds(1), [id = task.id, due = begun.due](pg::Session& session) {
        tasks::Reschedule(session, id, due);
        return absl::OkStatus();
      });
    case Begun::Step::kLate:
      return Verdict::Done(
          HearEffect(parts, task.id, {DeliveryState::kFailed, FailureKind::kTechnical, "没有赶在期限前发出", ""}));
    case Begun::Step::kAsk:
      return Ask(parts, task, begun, deadline);
    case Begun::Step::kSend:
      break;
  }
  return Send(parts, task, begun, deadline);
}

// Nobody refuses for ever in silence: what was certainly not taken becomes a
// call, what may have been taken a question.
absl::Status GiveUp(const SmsParts& parts, pg::Session& session, const Task& task) {
  XXT_ASSIGN_OR_RETURN(Message message, message_store::LoadForUpdateByDelivery(session, task.id));
  Delivery& delivery = *message.Find(task.id);
  const Context context{session, parts.policy, parts.clock.Now(), kSelf, kSendSmsKind};
  XXT_CRASH_POINT("notification.given_up");
  if (delivery.in_flight) {
    Hear(context, message, delivery, {DeliveryState::kInDoubt, FailureKind::kNone, "网关的答复没有收到", ""});
  } else {
    const FailureKind failure = delivery.failure == FailureKind::kNone ? FailureKind::kTechnical : delivery.failure;
    const std::string detail = delivery.detail.empty() ? "系统没能发出" : delivery.detail;
    Hear(context, message, delivery, {DeliveryState::kFailed, failure, detail, ""});
  }
  message_store::Save(session, message);
  return absl::OkStatus();
}

Verdict HandleCheck(const SmsParts& parts, const Task& task) {
  const absl::Time now = parts.clock.Now();
  const SendingPolicy& policy = parts.policy;
  return Verdict::Done([&policy, now, subject = task.subject](pg::Session& session) -> absl::Status {
    XXT_ASSIGN_OR_RETURN(Message message,
                         message_store::LoadForUpdate(session, absl::StripPrefix(subject, "messages/")));
    const bool waits = message.state == MessageState::kSending && message.current().state == DeliveryState::kAccepted;
    if (!waits) return absl::OkStatus();
    Proceed({session, policy, now, kSelf, kCheckReceiptKind}, message);
    message_store::Save(session, message);
    return absl::OkStatus();
  });
}

}  // namespace

tasks::MachineKind SendSmsKind(const SmsParts& parts) {
  tasks::MachineKind kind;
  kind.name = kSendSmsKind;
  kind.handle = [parts](const Task& task, SteadyTime deadline) { return HandleSend(parts, task, deadline); };
  kind.on_dead = [parts](pg::Session& session, const Task& task, absl::string_view) {
    return GiveUp(parts, session, task);
  };
  // The gateway is the hall's own, has a rate and a breaker, and somebody waits
  // for the words: once it takes messages again, none waits for longer than this.
  kind.retry_cap = absl::Seconds(30);
  kind.give_up_after = parts.give_up_after;
  kind.workers = parts.workers;
  kind.lanes = {tasks::Lane::kNormal, tasks::Lane::kUrgent};
  kind.party = [](const Task&) { return "sms-gateway"; };
  kind.party_rate = parts.rate;
  return kind;
}

tasks::MachineKind CheckReceiptKind(const SmsParts& parts) {
  tasks::MachineKind kind;
  kind.name = kCheckReceiptKind;
  kind.handle = [parts](const Task& task, SteadyTime) { return HandleCheck(parts, task); };
  kind.on_dead = [](pg::Session& session, const Task& task, absl::string_view) { return ShowDeadTask(session, task); };
  return kind;
}

}  // namespace xxt::notification::app
