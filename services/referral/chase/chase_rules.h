#ifndef XXT_SERVICES_REFERRAL_CHASE_CHASE_RULES_H_
#define XXT_SERVICES_REFERRAL_CHASE_CHASE_RULES_H_

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/calendar/opening_hours.h"

namespace xxt::referral {

// Decides how long a body's silence is borne, and what follows (催办).
//
// A referral ends only by a body's word or a person's decision: no timer closes it.

// State of a referral, after FHIR Task. "Rejected" is split: not held and redirected are
// progress, declined is not; no answer is neither. The proto's numbers.
enum class ChaseState {
  kQueued = 1,  // to be sent, or to be sent again by another channel
  kSent,        // on its way or with the body, no word yet
  kAccepted,    // the body said it works on it
  kNeedsInput,  // the body asked for something; the clock of silence is ours, not its
  kAnswered,    // terminal: the body gave what was asked
  kNotHeld,     // terminal: not here; a result that yields the next candidate
  kRedirected,  // terminal: not here but there, by the body's own word
  kDeclined,    // terminal: the body said no
  kNoAnswer,    // terminal: a person gave up waiting
  kCancelled,   // terminal: withdrawn by us
};

// "QUEUED", "SENT", ...
absl::string_view NameOf(ChaseState state);

bool IsTerminal(ChaseState state);

// True for the terminal states from which the case needs a successor before it may close.
bool IsNegative(ChaseState state);

// What is known of a referral's chase. `next_action_time` is set exactly if the state is
// not terminal.
struct Chase {
  ChaseState state = ChaseState::kQueued;
  // First sending; unset until then. Kept when sent again by another channel.
  std::optional<absl::Time> sent_time;
  // A mail with the request may be with the body, though nobody can say that it was sent.
  bool may_have_it = false;
  // Reminders since the body's last word or the last sending.
  int reminders_sent = 0;
  // True while a person was asked to decide and has not.
  bool person_asked = false;
  // When SilenceElapsed is due.
  std::optional<absl::Time> next_action_time;
  // Why the referral ended as it did, or what the body asked for.
  std::string reason;
};

// Limits of patience. Working days are counted within the body's opening hours.
struct ChasePolicy {
  // Without a word after so many working days, the body is reminded. Per body: its
  // expected answer time goes here.
  int remind_after_workdays = 2;
  // After so many reminders a person decides.
  int max_reminders = 2;
  // A person who was asked and did nothing is asked again after so many working days.
  int ask_again_after_workdays = 1;
  // An unsent referral is shown to a person after so many working days.
  int send_within_workdays = 1;
  // What the body asked for is due after so many working days, if it named no day.
  int input_within_workdays = 3;
  // Nobody waits longer in one go, whatever the body or a person names: waiting for ever
  // would be closing by timer.
  absl::Duration longest_wait = absl::Hours(24 * 60);
};

// The referral left for the body.
struct Sent {};

// A mail with the request reached the body, or may have, and does not make the referral SENT:
// nobody knows, or people had decided otherwise meanwhile.
struct MayHaveIt {};

// The body said something.
struct BodyReplied {
  enum class Kind {     // the proto's numbers
    kAcknowledged = 1,  // "we have it"
    kPassedOn,          // to another unit or person of the same body: a hop
    kNeedsInput,        // "send us this first"
    kAnswered,
    kNotHeld,
    kRedirected,
    kDeclined,
  };
  Kind kind = Kind::kAcknowledged;
  // Mandatory for kNeedsInput (what), kNotHeld and kDeclined (why), and kRedirected (where to).
  std::string reason;
  // When the body will answer, or by when it wants the input. Ignored unless after now;
  // cut to ChasePolicy::longest_wait.
  std::optional<absl::Time> due;
};

// What the body asked for was given to it.
struct InputProvided {};

// A mail came that may be from the body; nobody has read it yet.
struct Heard {};

// next_action_time has passed and nothing was heard.
struct SilenceElapsed {
  // The last reminder, or whatever was to be said to the body, still waits for its sender: no
  // other is added, and nobody gives up on a body that was not reminded.
  bool unsaid = false;
};

// A person decided how to go on.
struct PersonDecided {
  // Wait until the moment named, at most ChasePolicy::longest_wait away, then go on as
  // after silence.
  struct KeepWaiting {
    absl::Time until;
  };
  // Send it again by another channel; reminders count anew.
  struct TryOtherChannel {};
  // Give up. `reason` is mandatory. Only for a referral that was sent and once a person
  // was asked: who was not reminded has not been silent.
  struct GiveUp {
    std::string reason;
  };
  std::variant<KeepWaiting, TryOtherChannel, GiveUp> choice;
};

// We withdraw the referral. `reason` is mandatory.
struct Cancelled {
  std::string reason;
};

// A mail to the body came back for good: its address is dead, and no more is written to it.
struct Undelivered {
  bool request = true;  // the request itself: then the body has heard nothing yet
};

using Event = std::variant<Sent, BodyReplied, InputProvided, SilenceElapsed, PersonDecided, Cancelled, Undelivered,
                           Heard, MayHaveIt>;

// "Sent", "BodyReplied", ... as FAILED_PRECONDITION texts name them.
absl::string_view NameOf(const Event& event);

// What the caller stores as tasks, in the same transaction as the new state.
struct SendByOtherChannel {
  bool bounced = false;  // because the mail came back
  friend bool operator==(const SendByOtherChannel&, const SendByOtherChannel&) = default;
};
struct RemindBody {
  int ordinal = 1;  // 1 is the first reminder
  friend bool operator==(const RemindBody&, const RemindBody&) = default;
};
struct AskPersonToDecide {  // silence, or a sending that does not get out
  friend bool operator==(const AskPersonToDecide&, const AskPersonToDecide&) = default;
};
struct AskCaseForInput {  // the body's counter-request goes to the case's owner
  friend bool operator==(const AskCaseForInput&, const AskCaseForInput&) = default;
};
struct RemindCaseOfInput {  // it is overdue on our side
  friend bool operator==(const RemindCaseOfInput&, const RemindCaseOfInput&) = default;
};
struct TellBodyCancelled {
  friend bool operator==(const TellBodyCancelled&, const TellBodyCancelled&) = default;
};
struct FileLateReply {  // a word after the end: kept and shown, overwrites nothing
  friend bool operator==(const FileLateReply&, const FileLateReply&) = default;
};
struct NotifyCase {  // every terminal event tells the case's owner
  ChaseState state = ChaseState::kAnswered;
  friend bool operator==(const NotifyCase&, const NotifyCase&) = default;
};
using Effect = std::variant<SendByOtherChannel, RemindBody, AskPersonToDecide, AskCaseForInput, RemindCaseOfInput,
                            TellBodyCancelled, FileLateReply, NotifyCase>;

struct Decision {
  Chase next;
  std::vector<Effect> effects;
};

// Returns the chase of a referral just created: queued, and shown to a person if it is
// not sent in time.
Chase StartChase(const ChasePolicy& policy, const calendar::OpeningHours& hours, absl::Time now);

// Decides what `event` means at `now`.
//
// SilenceElapsed before next_action_time changes nothing and has no effects, so a timer
// may fire early or twice. A reply to an ended referral changes nothing and is filed; of a
// cancelled one the body that may have it is told.
// Errors: FAILED_PRECONDITION naming the events the state allows; FIELD_INVALID, naming the
// field in which callers say it, for a missing reason, or a moment to wait for
// that is not after `now` and within longest_wait.
absl::StatusOr<Decision> Apply(const Chase& chase, const Event& event, const ChasePolicy& policy,
                               const calendar::OpeningHours& hours, absl::Time now);

}  // namespace xxt::referral

#endif  // XXT_SERVICES_REFERRAL_CHASE_CHASE_RULES_H_
