#include "services/notification/channel/sending.h"

#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/edge/noun.h"
#include "common/fault/crash_point.h"
#include "common/identifiers/uuid.h"
#include "services/notification/channel/channel.h"
#include "services/notification/channel/pause_rules.h"
#include "services/notification/message/dead_task.h"
#include "services/notification/message/message.h"
#include "services/notification/message/outcomes.h"
#include "services/notification/message/way.h"
#include "services/notification/message/words.h"

namespace xxt::notification::channel {
namespace {

using message::Context;
using message::News;
using tasks::Effect;
using tasks::Task;
using tasks::Verdict;

// A carrier without memory is asked no sooner: it may still be at it.
constexpr absl::Duration kSettleTime = absl::Seconds(30);

// A message, and which of its tries a task is about.
struct Try {
  v1::Message of;
  v1::Delivery* delivery = nullptr;  // in it
};

// The try of the task, whose id is its, locked with its message. Errors: those of
// message::Lock; INTERNAL if the message has no such try.
absl::Status Lock(Tx& tx, const Task& task, Try& found) {
  XXT_ASSIGN_OR_RETURN(found.of, message::Lock(tx, task.subject));
  found.delivery = message::Find(found.of, task.id);
  return found.delivery == nullptr ? errors::Internal("messages.delivery") : absl::OkStatus();
}

// What is to be done about a delivery now.
struct Begun {
  enum class Step {
    kNothing,   // it is settled, or a person has taken over
    kWait,      // for the end of the quiet hours
    kLate,      // its words would not be true any more when it is sent
    kHold,      // for the end of a pause
    kByPerson,  // the channel is paused, and this cannot wait
    kSend,
    kAsk,  // the carrier may have it, and sending again would not be safe, or not true
  };
  Step step = Step::kNothing;
  absl::Time due;                // for kWait and kHold, business time
  bool was_in_flight = false;    // an earlier attempt may have got through
  absl::Duration in_flight_for;  // since when
  std::string to;
  v1::Message message;  // for kSend
};

// What is to be done, of a message that is still to be sent.
Begun::Step StepOf(const Sending& parts, const v1::Message& message, const Begun& begun, absl::Time now) {
  const bool late = message.overtaken() || message.kept_back() || begun.due >= message::TrueUntil(message);
  const bool forgotten = begun.in_flight_for + parts.carrier.timeout >= parts.carrier.idempotency_window;
  if (begun.was_in_flight && (late || forgotten) && !XXT_PLANTED_BUG("blind_resend")) return Begun::Step::kAsk;
  if (late) return Begun::Step::kLate;
  return begun.due > now ? Begun::Step::kWait : Begun::Step::kSend;
}

// What is to be done instead of sending while the channel is paused. What the carrier may have does not wait for the
// end of the pause: whether it arrived is asked, and shown as in doubt meanwhile.
absl::Status MindPause(const Sending& parts, Tx& tx, const v1::Message& message, Begun& begun) {
  XXT_ASSIGN_OR_RETURN(const std::optional<absl::Time> until, PausedUntil(tx, message::Current(message).channel()));
  if (!until.has_value()) return absl::OkStatus();
  const Hold hold = HoldFor(parts.policy, message.urgent(), message::TrueUntil(message), *until, tx.now);
  begun.due = hold.until;
  begun.step = Begun::Step::kHold;
  if (hold.by_person) begun.step = Begun::Step::kByPerson;
  if (begun.was_in_flight) begun.step = Begun::Step::kAsk;
  return absl::OkStatus();
}

// It does not wait for a pause any more. True if it did.
bool EndWaiting(v1::Message& message) {
  if (message.paused_channel() == common::CHANNEL_UNSPECIFIED) return false;
  message.clear_paused_channel();
  message.clear_state_reason();
  return true;
}

// Decides, and notes that the carrier may have the message before it does.
absl::Status Begin(const Sending& parts, Tx& tx, const Task& task, Begun& begun) {
  begun = {};
  Try found;
  XXT_RETURN_IF_ERROR(Lock(tx, task, found));
  v1::Message& message = found.of;
  v1::Delivery& delivery = *found.delivery;
  const bool open = delivery.state() == v1::Delivery::STATE_CREATED || delivery.state() == v1::Delivery::STATE_SENDING;
  if (message.state() != v1::Message::STATE_SENDING || !open) return absl::OkStatus();
  // The correction may have come while the carrier was asked, which refused.
  message::Readdress({tx, parts.policy, parts.carrier.kind}, message);
  if (message.state() != v1::Message::STATE_SENDING || &message::Current(message) != &delivery) {
    message::Save(tx, message);
    return absl::OkStatus();
  }
  begun.was_in_flight = delivery.in_flight();
  if (begun.was_in_flight) {
    XXT_ASSIGN_OR_RETURN(begun.in_flight_for, message::flight::For(tx.session, delivery.id()));
  }
  begun.due = message::EarliestBy(parts.policy, message, delivery.channel(), tx.now);
  begun.step = StepOf(parts, message, begun, tx.now);
  if (begun.step == Begun::Step::kSend) XXT_RETURN_IF_ERROR(MindPause(parts, tx, message, begun));
  if (begun.step == Begun::Step::kHold) return absl::OkStatus();
  const bool waited = EndWaiting(message);
  if (begun.step != Begun::Step::kSend) {
    if (waited) message::Save(tx, message);
    return absl::OkStatus();
  }
  begun.to = parts.carrier.address(message.recipient());
  // Their data are erased: there is nobody to send it to, and in the end it is given up.
  if (begun.to.empty() || message::WordsBy(message, delivery.channel(), tx.now).empty()) {
    return errors::Internal("messages.erased");
  }
  message::Reach(delivery, DeliveryState::kSending);
  delivery.set_in_flight(!XXT_PLANTED_BUG("sms_not_in_flight"));
  delivery.set_attempt_count(delivery.attempt_count() + 1);
  rpc::ToProto(tx.now, delivery.mutable_update_time());
  begun.message = message;
  message::Save(tx, message);
  return absl::OkStatus();
}

// Makes an effect of a change to the task's delivery and its message.
Effect Change(const Sending& parts, const Task& task,
              std::function<void(const Context&, v1::Message&, v1::Delivery&)> change) {
  return [&host = parts.host, &policy = parts.policy, kind = parts.carrier.kind, task,
          change = std::move(change)](pg::Session& session) {
    return edge::AsService(host, session, [&](Tx& tx) -> absl::Status {
      Try found;
      XXT_RETURN_IF_ERROR(Lock(tx, task, found));
      change({tx, policy, kind}, found.of, *found.delivery);
      message::Save(tx, found.of);
      return absl::OkStatus();
    });
  };
}

// Notes that the message waits for the end of the pause, and puts its task off. If the channel was resumed since, what
// waits may have been woken already: this one is tried again at once.
Effect Wait(const Sending& parts, const Task& task, absl::Time until) {
  return [&host = parts.host, task, until](pg::Session& session) {
    return edge::AsService(host, session, [&](Tx& tx) -> absl::Status {
      Try found;
      XXT_RETURN_IF_ERROR(Lock(tx, task, found));
      const common::Channel channel = found.delivery->channel();
      XXT_ASSIGN_OR_RETURN(const std::optional<absl::Time> paused, PausedUntil(tx, channel, /*keep=*/true));
      if (!paused.has_value() || found.of.state() != v1::Message::STATE_SENDING) return absl::OkStatus();
      tasks::Reschedule(session, task.id, until);
      if (found.of.paused_channel() == channel) return absl::OkStatus();
      found.of.set_paused_channel(channel);
      found.of.set_state_reason(absl::StrCat(message::TitleOf(channel), "暂停发送，恢复后告知"));
      message::Save(tx, found.of);
      return absl::OkStatus();
    });
  };
}

// Has a person ring up: no other channel of the machine is tried, which would surprise whoever paused this one.
Effect RingUp(const Sending& parts, const Task& task) {
  return Change(parts, task, [](const Context& context, v1::Message& message, v1::Delivery& delivery) {
    if (message.state() != v1::Message::STATE_SENDING || &delivery != &message::Current(message)) return;
    const std::string why = absl::StrCat(message::TitleOf(delivery.channel()), "暂停发送");
    message::Note(delivery, DeliveryState::kFailed, FailureKind::kTechnical, why, context.tx.now);
    message::HandToStaff(context, message, common::CHANNEL_PHONE, absl::StrCat(why, "，这件事等不得，已转为电话告知"));
  });
}

News Doubt(const Sending& parts) {
  return {DeliveryState::kInDoubt, FailureKind::kNone, absl::StrCat(parts.carrier.title, "的答复没有收到"), ""};
}

Effect HearEffect(const Sending& parts, const Task& task, News news) {
  return Change(parts, task,
                [news = std::move(news)](const Context& context, v1::Message& message, v1::Delivery& delivery) {
                  message::Hear(context, message, delivery, news);
                });
}

// Notes an attempt that ends without the carrier's word for the message.
// `in_flight`: it may have the message all the same, from this attempt or an
// earlier one.
Effect NoteAttempt(const Sending& parts, const Task& task, bool in_flight, FailureKind failure, std::string detail) {
  return Change(parts, task,
                [in_flight, failure, detail = std::move(detail)](const Context&, v1::Message&, v1::Delivery& delivery) {
                  if (delivery.state() != v1::Delivery::STATE_SENDING) return;  // a receipt came first
                  delivery.set_in_flight(in_flight);
                  delivery.set_failure(static_cast<v1::Delivery::Failure>(failure));
                  delivery.set_detail(detail);
                });
}

// The carrier may have it, and what it answers to another try proves nothing:
// it is asked what it has, or a person is.
Verdict Ask(const Sending& parts, const Task& task, const Begun& begun, SteadyTime deadline) {
  if (parts.carrier.find == nullptr) return Verdict::Done(HearEffect(parts, task, Doubt(parts)));
  XXT_CRASH_POINT("notification.before_query");
  const absl::StatusOr<SendOutcome> found = parts.carrier.find(task.id, deadline);
  XXT_CRASH_POINT("notification.after_query");
  if (!found.ok()) return Verdict::Retry("the gateway cannot be asked now", kSettleTime).PartySilent();
  switch (found->kind) {
    case SendOutcome::Kind::kAccepted:
      return Verdict::Done(
                 HearEffect(parts, task, {DeliveryState::kAccepted, FailureKind::kNone, "", found->reference}))
          .PartyAnswered();
    case SendOutcome::Kind::kRefusedForGood:
      return Verdict::Done(HearEffect(parts, task, {DeliveryState::kFailed, found->failure, found->detail, ""}))
          .PartyAnswered();
    case SendOutcome::Kind::kRefusedForNow:
    case SendOutcome::Kind::kAtIt:
    case SendOutcome::Kind::kUnknown:
      break;
  }
  if (begun.in_flight_for < kSettleTime) {
    return Verdict::Retry("the gateway may still be at it", kSettleTime).PartyAnswered();
  }
  return Verdict::Retry("the gateway does not have it", absl::Seconds(1),
                        NoteAttempt(parts, task, false, FailureKind::kTechnical,
                                    absl::StrCat(parts.carrier.title, "没有收到，再发一次")))
      .PartyAnswered();
}

Verdict Send(const Sending& parts, const Task& task, const Begun& begun, SteadyTime deadline) {
  // A process that was paused must not touch the carrier when its lease may be
  // over; see docs/architecture.md, "A task's life".
  if (deadline.left() < parts.carrier.timeout) {
    return Verdict::Retry("no time left in the lease", absl::Seconds(1),
                          NoteAttempt(parts, task, begun.was_in_flight, FailureKind::kTechnical, "系统繁忙，稍后再发"));
  }
  XXT_CRASH_POINT("notification.before_send");
  const std::string key = XXT_PLANTED_BUG("key_per_attempt") ? identifiers::NewUuid(absl::Now()) : task.id;
  SendOutcome outcome = parts.carrier.send(key, begun.to, begun.message, deadline);
  XXT_CRASH_POINT("notification.after_send");
  switch (outcome.kind) {
    case SendOutcome::Kind::kAccepted:
      return Verdict::Done(
                 HearEffect(parts, task, {DeliveryState::kAccepted, FailureKind::kNone, "", outcome.reference}))
          .PartyAnswered();
    case SendOutcome::Kind::kRefusedForGood:
      if (begun.was_in_flight) return Ask(parts, task, begun, deadline);
      return Verdict::Done(HearEffect(parts, task, {DeliveryState::kFailed, outcome.failure, outcome.detail, ""}))
          .PartyAnswered();
    case SendOutcome::Kind::kRefusedForNow: {
      Verdict later = Verdict::Retry("the gateway refused for now", outcome.retry_after,
                                     NoteAttempt(parts, task, begun.was_in_flight, outcome.failure, outcome.detail));
      return outcome.reached ? std::move(later).PartyAnswered() : std::move(later).PartySilent();
    }
    case SendOutcome::Kind::kAtIt:
    case SendOutcome::Kind::kUnknown:
      break;
  }
  const bool forgets = parts.carrier.idempotency_window == absl::ZeroDuration();
  Verdict verdict = Verdict::Retry("the gateway may have it", forgets ? kSettleTime : absl::ZeroDuration(),
                                   NoteAttempt(parts, task, true, outcome.failure, outcome.detail));
  // "I am at it" is an answer.
  return outcome.kind == SendOutcome::Kind::kUnknown ? std::move(verdict).PartySilent()
                                                     : std::move(verdict).PartyAnswered();
}

Verdict HandleSend(const Sending& parts, const Task& task, SteadyTime deadline) {
  Begun begun;
  const absl::Status status = pg::InTransaction(parts.pool, deadline, [&](pg::Session& session) {
    return edge::AsService(parts.host, session, [&](Tx& tx) { return Begin(parts, tx, task, begun); });
  });
  if (!status.ok()) return Verdict::Retry("the store is away, or the message cannot be read");
  XXT_CRASH_POINT("notification.begun");
  switch (begun.step) {
    case Begun::Step::kNothing:
      return Verdict::Done();
    case Begun::Step::kWait:
      return Verdict::Retry("quiet hours", absl::Seconds(1), [id = task.id, due = begun.due](pg::Session& session) {
        tasks::Reschedule(session, id, due);
        return absl::OkStatus();
      });
    case Begun::Step::kHold:
      return Verdict::Retry("the channel is paused", absl::Seconds(1), Wait(parts, task, begun.due));
    case Begun::Step::kByPerson:
      return Verdict::Done(RingUp(parts, task));
    case Begun::Step::kLate:
      return Verdict::Done(
          HearEffect(parts, task, {DeliveryState::kFailed, FailureKind::kTechnical, "没有赶在期限前发出", ""}));
    case Begun::Step::kAsk:
      return Ask(parts, task, begun, deadline);
    case Begun::Step::kSend:
      break;
  }
  return Send(parts, task, begun, deadline);
}

// Nobody refuses for ever in silence: what was certainly not taken goes another
// way, what may have been taken becomes a question.
absl::Status GiveUp(const Sending& parts, Tx& tx, const Task& task, absl::string_view reason) {
  Try found;
  const absl::Status locked = Lock(tx, task, found);
  if (absl::IsInternal(locked)) return message::ShowDead(tx, task, reason);  // it cannot be read
  XXT_RETURN_IF_ERROR(locked);
  const v1::Delivery& delivery = *found.delivery;
  News news = Doubt(parts);
  XXT_CRASH_POINT("notification.given_up");
  if (!delivery.in_flight()) {
    const bool unknown = delivery.failure() == v1::Delivery::FAILURE_UNSPECIFIED;
    news = {DeliveryState::kFailed, unknown ? FailureKind::kTechnical : static_cast<FailureKind>(delivery.failure()),
            delivery.detail().empty() ? "系统没能发出" : delivery.detail(), ""};
  }
  message::Hear({tx, parts.policy, parts.carrier.kind}, found.of, *found.delivery, news);
  message::Save(tx, found.of);
  return absl::OkStatus();
}

}  // namespace

// Before the carrier is touched, a transaction of its own notes that it may
// have the message; only the carrier's word takes that back. So whatever
// crashes in between, the next attempt knows that it is not the first, sends
// with the same key while the carrier promises to know it, and asks the
// carrier, or a person, afterwards, or when such an attempt is refused: a
// carrier refuses what it has, too.
tasks::MachineKind SendKind(const Sending& parts) {
  const Carrier& carrier = parts.carrier;
  tasks::MachineKind kind;
  kind.name = carrier.kind;
  kind.handle = [parts](const Task& task, SteadyTime deadline) { return HandleSend(parts, task, deadline); };
  kind.on_dead = edge::WhenDead(parts.host, std::bind_front(GiveUp, parts));
  // The carrier is the hall's own, has a rate and a breaker, and somebody waits
  // for the words: once it takes messages again, none waits for longer than this.
  kind.retry_cap = absl::Seconds(30);
  kind.give_up_after = carrier.give_up_after;
  kind.workers = carrier.workers;
  kind.lanes = {tasks::Lane::kNormal, tasks::Lane::kUrgent};
  kind.party = [party = carrier.party](const Task&) { return party; };
  kind.party_rate = carrier.rate;
  return kind;
}

}  // namespace xxt::notification::channel
