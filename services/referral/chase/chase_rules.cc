#include "services/referral/chase/chase_rules.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status/errors.h"

namespace xxt::referral {
namespace {

using calendar::OpeningHours;
using Kind = BodyReplied::Kind;

// Event alternatives, by their place in Event.
enum EventIndex : std::size_t {
  kSentEvent,
  kRepliedEvent,
  kInputEvent,
  kSilenceEvent,
  kDecidedEvent,
  kCancelledEvent,
  kUndeliveredEvent,
  kHeardEvent,
  kMayHaveItEvent
};

constexpr std::array<absl::string_view, std::variant_size_v<Event>> kEventNames = {
    "Sent",      "BodyReplied", "InputProvided", "SilenceElapsed", "PersonDecided",
    "Cancelled", "Undelivered", "Heard",         "MayHaveIt"};

bool IsBlank(absl::string_view text) { return absl::StripAsciiWhitespace(text).empty(); }

std::vector<EventIndex> AllowedEvents(const Chase& chase) {
  if (IsTerminal(chase.state)) return {kRepliedEvent};
  switch (chase.state) {
    case ChaseState::kQueued:
      // Sent before by another channel: the body may still answer that.
      if (chase.sent_time.has_value()) {
        return {kSentEvent, kRepliedEvent, kSilenceEvent, kDecidedEvent, kCancelledEvent, kUndeliveredEvent};
      }
      return {kSentEvent, kSilenceEvent, kDecidedEvent, kCancelledEvent, kUndeliveredEvent};
    case ChaseState::kNeedsInput:
      return {kRepliedEvent, kInputEvent, kSilenceEvent, kCancelledEvent, kUndeliveredEvent};
    default:
      return {kRepliedEvent, kSilenceEvent, kDecidedEvent, kCancelledEvent, kUndeliveredEvent, kHeardEvent};
  }
}

absl::Status CheckAllowed(const Chase& chase, const Event& event) {
  if (event.index() == kMayHaveItEvent) return absl::OkStatus();  // a fact, whatever has become of the referral
  const std::vector<EventIndex> allowed = AllowedEvents(chase);
  for (const EventIndex index : allowed) {
    if (index == event.index()) return absl::OkStatus();
  }
  return absl::FailedPreconditionError(
      absl::StrCat("referral is ", NameOf(chase.state),
                   "; allowed: ", absl::StrJoin(allowed, ", ", [](std::string* out, EventIndex index) {
                     absl::StrAppend(out, kEventNames[index]);
                   })));
}

// What Apply knows besides the event.
struct Setting {
  const Chase& chase;
  const ChasePolicy& policy;
  const OpeningHours& hours;
  absl::Time now;

  absl::Time After(int workdays) const { return hours.AddOpenWorkdays(now, workdays); }
  absl::Time AtOrAfter(const std::optional<absl::Time>& due, int workdays) const {
    if (!due.has_value() || *due <= now) return After(workdays);
    return hours.NextOpen(std::min(*due, now + policy.longest_wait));
  }
};

Decision End(Chase next, ChaseState state, std::string reason) {
  next.state = state;
  next.reason = std::move(reason);
  next.person_asked = false;
  next.next_action_time.reset();
  return {std::move(next), {NotifyCase{state}}};
}

Decision OnSent(const Setting& at) {
  Chase next = at.chase;
  next.state = ChaseState::kSent;
  if (!next.sent_time.has_value()) next.sent_time = at.now;
  next.reminders_sent = 0;
  next.person_asked = false;
  next.next_action_time = at.After(at.policy.remind_after_workdays);
  return {std::move(next), {}};
}

// The body works on it: silence starts anew.
Decision OnWordOfWork(const Setting& at, const std::optional<absl::Time>& due) {
  Chase next = at.chase;
  next.state = ChaseState::kAccepted;
  next.reason.clear();
  next.reminders_sent = 0;
  next.person_asked = false;
  next.next_action_time = at.AtOrAfter(due, at.policy.remind_after_workdays);
  return {std::move(next), {}};
}

Decision OnNeedsInput(const Setting& at, const BodyReplied& reply) {
  Chase next = at.chase;
  next.state = ChaseState::kNeedsInput;
  next.reason = reply.reason;
  next.reminders_sent = 0;
  next.person_asked = false;
  next.next_action_time = at.AtOrAfter(reply.due, at.policy.input_within_workdays);
  return {std::move(next), {AskCaseForInput{}}};
}

absl::Status CheckReply(const BodyReplied& reply) {
  const bool needs_reason = reply.kind == Kind::kNeedsInput || reply.kind == Kind::kNotHeld ||
                            reply.kind == Kind::kRedirected || reply.kind == Kind::kDeclined;
  if (needs_reason && IsBlank(reply.reason)) {
    return errors::FieldInvalid("reply.reason", "请写明对方说了什么",
                                "required for a request for input and for every negative reply");
  }
  return absl::OkStatus();
}

absl::StatusOr<Decision> OnReply(const Setting& at, const BodyReplied& reply) {
  if (const absl::Status checked = CheckReply(reply); !checked.ok()) return checked;
  if (IsTerminal(at.chase.state)) return Decision{at.chase, {FileLateReply{}}};
  switch (reply.kind) {
    case Kind::kAcknowledged:
    case Kind::kPassedOn:
      return OnWordOfWork(at, reply.due);
    case Kind::kNeedsInput:
      return OnNeedsInput(at, reply);
    case Kind::kAnswered:
      return End(at.chase, ChaseState::kAnswered, reply.reason);
    case Kind::kDeclined:
      return End(at.chase, ChaseState::kDeclined, reply.reason);
    case Kind::kNotHeld:
      return End(at.chase, ChaseState::kNotHeld, reply.reason);
    case Kind::kRedirected:
      break;
  }
  return End(at.chase, ChaseState::kRedirected, reply.reason);
}

Decision OnSilence(const Setting& at, const SilenceElapsed& silence) {
  Chase next = at.chase;
  if (at.now < at.chase.next_action_time.value_or(at.now)) return {std::move(next), {}};
  if (at.chase.state == ChaseState::kNeedsInput) {
    next.next_action_time = at.After(at.policy.ask_again_after_workdays);
    return {std::move(next), {RemindCaseOfInput{}}};
  }
  const bool with_body = at.chase.state == ChaseState::kSent || at.chase.state == ChaseState::kAccepted;
  if (with_body && silence.unsaid) {
    next.next_action_time = at.After(at.policy.ask_again_after_workdays);
    return {std::move(next), {}};
  }
  if (with_body && next.reminders_sent < at.policy.max_reminders) {
    ++next.reminders_sent;
    next.next_action_time = at.After(at.policy.remind_after_workdays);
    const RemindBody reminder{next.reminders_sent};
    return {std::move(next), {reminder}};
  }
  next.person_asked = true;
  next.next_action_time = at.After(at.policy.ask_again_after_workdays);
  return {std::move(next), {AskPersonToDecide{}}};
}

absl::StatusOr<Decision> OnDecision(const Setting& at, const PersonDecided& decided) {
  Chase next = at.chase;
  next.person_asked = false;
  if (const auto* wait = std::get_if<PersonDecided::KeepWaiting>(&decided.choice)) {
    if (wait->until <= at.now || wait->until > at.now + at.policy.longest_wait) {
      return errors::FieldInvalid(
          "next_action_time", "请填写等到什么时候，须晚于现在，也不能太远",
          absl::StrCat("must be after now and within ", absl::FormatDuration(at.policy.longest_wait)));
    }
    next.next_action_time = wait->until;
    return Decision{std::move(next), {}};
  }
  if (std::holds_alternative<PersonDecided::TryOtherChannel>(decided.choice)) {
    next.state = ChaseState::kQueued;
    next.reminders_sent = 0;
    next.next_action_time = at.After(at.policy.send_within_workdays);
    return Decision{std::move(next), {SendByOtherChannel{}}};
  }
  const std::string& reason = std::get<PersonDecided::GiveUp>(decided.choice).reason;
  if (IsBlank(reason)) {
    return errors::FieldInvalid("note", "按无答复处理须写明理由", "a reason is required to give up waiting");
  }
  if (!at.chase.person_asked || !at.chase.sent_time.has_value()) {
    return absl::FailedPreconditionError(
        "the body has not been silent long enough to give up; allowed: keep waiting, try another channel");
  }
  return End(std::move(next), ChaseState::kNoAnswer, reason);
}

absl::StatusOr<Decision> OnCancelled(const Setting& at, const Cancelled& cancelled) {
  if (IsBlank(cancelled.reason)) {
    return errors::FieldInvalid("reason", "请写明撤回的原因", "a reason is required to cancel");
  }
  Decision decision = End(at.chase, ChaseState::kCancelled, cancelled.reason);
  if (at.chase.sent_time.has_value() || at.chase.may_have_it) decision.effects.emplace_back(TellBodyCancelled{});
  return decision;
}

Decision OnMayHaveIt(const Setting& at) {
  Chase next = at.chase;
  next.may_have_it = true;
  const bool told = at.chase.sent_time.has_value() || at.chase.may_have_it;
  if (at.chase.state == ChaseState::kCancelled && !told) return {std::move(next), {TellBodyCancelled{}}};
  return {std::move(next), {}};
}

// Silence begins anew; what the mail means is for its reader to say.
Decision OnHeard(const Setting& at) {
  Chase next = at.chase;
  next.reminders_sent = 0;
  next.person_asked = false;
  next.next_action_time = at.AtOrAfter(std::nullopt, at.policy.remind_after_workdays);
  next.next_action_time = std::min(*next.next_action_time, at.now + at.policy.longest_wait);
  return {std::move(next), {}};
}

// Whoever has the referral keeps it; from now on people speak with the body. Who
// never heard of it is asked anew.
Decision OnUndelivered(const Setting& at, const Undelivered& undelivered) {
  Chase next = at.chase;
  if (at.chase.state == ChaseState::kSent && undelivered.request) {
    next.state = ChaseState::kQueued;
    next.sent_time.reset();
  }
  if (undelivered.request) next.may_have_it = false;
  if (at.chase.state != ChaseState::kNeedsInput) {
    next.reminders_sent = 0;
    next.person_asked = false;
    next.next_action_time = at.After(at.policy.send_within_workdays);
  }
  return {std::move(next), {SendByOtherChannel{true}}};
}

}  // namespace

absl::string_view NameOf(ChaseState state) {
  constexpr std::array<absl::string_view, 11> kNames = {"",         "QUEUED",   "SENT",       "ACCEPTED", "NEEDS_INPUT",
                                                        "ANSWERED", "NOT_HELD", "REDIRECTED", "DECLINED", "NO_ANSWER",
                                                        "CANCELLED"};
  return kNames[static_cast<std::size_t>(state)];
}

bool IsTerminal(ChaseState state) { return state >= ChaseState::kAnswered; }

bool IsNegative(ChaseState state) { return state > ChaseState::kAnswered; }

absl::string_view NameOf(const Event& event) { return kEventNames[event.index()]; }

Chase StartChase(const ChasePolicy& policy, const OpeningHours& hours, absl::Time now) {
  Chase chase;
  chase.next_action_time = hours.AddOpenWorkdays(now, policy.send_within_workdays);
  return chase;
}

absl::StatusOr<Decision> Apply(const Chase& chase, const Event& event, const ChasePolicy& policy,
                               const OpeningHours& hours, absl::Time now) {
  if (const absl::Status allowed = CheckAllowed(chase, event); !allowed.ok()) return allowed;
  const Setting at{chase, policy, hours, now};
  switch (event.index()) {
    case kSentEvent:
      return OnSent(at);
    case kRepliedEvent:
      return OnReply(at, std::get<BodyReplied>(event));
    case kInputEvent:
      return OnWordOfWork(at, std::nullopt);
    case kSilenceEvent:
      return OnSilence(at, std::get<SilenceElapsed>(event));
    case kDecidedEvent:
      return OnDecision(at, std::get<PersonDecided>(event));
    case kCancelledEvent:
      return OnCancelled(at, std::get<Cancelled>(event));
    case kUndeliveredEvent:
      return OnUndelivered(at, std::get<Undelivered>(event));
    case kMayHaveItEvent:
      return OnMayHaveIt(at);
    default:
      return OnHeard(at);
  }
}

}  // namespace xxt::referral
