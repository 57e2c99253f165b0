#ifndef XXT_SERVICES_NOTIFICATION_DOMAIN_DELIVERY_H_
#define XXT_SERVICES_NOTIFICATION_DOMAIN_DELIVERY_H_

#include <variant>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace xxt::notification {

// Outcomes of telling somebody through a channel, and what to try next. Nothing is told
// twice by itself: what may have arrived is never sent again without a person.

// How far one delivery came. A lattice: created < sending < accepted < failed < delivered:
// a telephone that has the message has it, whatever was said before.
enum class DeliveryState {
  kCreated,
  kSending,    // the outside world was, or may have been, touched
  kAccepted,   // the provider has it; no word from the handset
  kInDoubt,    // the provider's answer was lost: it may have it or not
  kDelivered,  // the end
  kFailed,     // not arrived, as far as anybody knows: nothing but delivered follows
};

// Why a delivery failed; the kinds of GOV.UK Notify.
enum class FailureKind {
  kNone,       // it did not
  kTemporary,  // telephone off, provider busy: try again
  kPermanent,  // the address is bad
  kTechnical,  // our fault: configuration, certificate, template
};

// "CREATED", "SENDING", ...
absl::string_view NameOf(DeliveryState state);

bool IsTerminal(DeliveryState state);

// What became of a state when news came in.
struct Advance {
  DeliveryState state = DeliveryState::kCreated;
  // False if the news was known or older than what is known.
  bool changed = false;
  // True if one terminal state was contradicted by the other, which is kept as an
  // event for a person. Delivered is believed, before and after.
  bool contradiction = false;
};

// Joins `news` (a provider's answer or receipt, in any order, any number of times) into
// `current`. Never goes back; in doubt is entered from sending only, and left for a
// terminal state only; failed is left for delivered only.
Advance Join(DeliveryState current, DeliveryState news);

enum class Channel {
  kSms,
  kEmail,
  kWechat,
  kWebhook,
  kVoiceCall,  // by a person
  kLetter,     // by a person
};

// True for channels that a person works through a leased task.
bool IsByPerson(Channel channel);

// A channel open to the recipient. The list of them is the order of failover.
struct ChannelPlan {
  Channel channel = Channel::kSms;
  // Paused by an operator: messages are taken and wait.
  bool paused = false;
  // Sends receipts. Without them, accepted is the most that will ever be known.
  bool gives_receipts = true;
};

// One delivery so far, oldest first in a history.
struct Attempt {
  Channel channel = Channel::kSms;
  DeliveryState state = DeliveryState::kCreated;
  FailureKind failure = FailureKind::kNone;
  // When the state was reached.
  absl::Time settle_time;
};

struct DeliveryPolicy {
  // Tries by one channel before the next one.
  int attempts_per_channel = 4;
  // Full jitter: uniform in [0, min(cap, base * 2^(n-1))) after the n-th failure.
  absl::Duration backoff_base = absl::Seconds(5);
  absl::Duration backoff_cap = absl::Hours(6);
  // A receipt that does not come in this time leaves the delivery in doubt.
  absl::Duration receipt_timeout = absl::Hours(72);
  // No automatic sending from here on; a person is told instead.
  absl::Time expire_time = absl::InfiniteFuture();
};

// The next step.
struct Done {  // reached
  friend bool operator==(const Done&, const Done&) = default;
};
struct Send {  // by this channel, not before `not_before`; a resend or the next channel
  Channel channel = Channel::kSms;
  absl::Time not_before;
  friend bool operator==(const Send&, const Send&) = default;
};
struct WaitForNews {  // on its way; look again at `until` (InfiniteFuture: when it settles)
  absl::Time until;
  friend bool operator==(const WaitForNews&, const WaitForNews&) = default;
};
struct WaitForChannel {  // paused; look again when it resumes or the message expires
  Channel channel = Channel::kSms;
  friend bool operator==(const WaitForChannel&, const WaitForChannel&) = default;
};
struct ShowInDoubt {  // a person decides: ring up, mark received, or send again
  friend bool operator==(const ShowInDoubt&, const ShowInDoubt&) = default;
};
struct AskPersonToCall {  // a call task at the window: never silence
  friend bool operator==(const AskPersonToCall&, const AskPersonToCall&) = default;
};
using Step = std::variant<Done, Send, WaitForNews, WaitForChannel, ShowInDoubt, AskPersonToCall>;

// Longest time to wait after the `failures`-th failure (from 1), times `jitter` in [0, 1).
absl::Duration Backoff(const DeliveryPolicy& policy, int failures, double jitter);

// Decides what to do for a message at `now`.
//
// Temporary failures are tried again by the same channel; permanent and technical ones go
// to the next channel at once. A channel that a person works, no channel left, or the
// expiry of the message leads to AskPersonToCall. `jitter` in [0, 1) is drawn by the
// caller.
Step NextStep(const std::vector<Attempt>& history, const std::vector<ChannelPlan>& channels,
              const DeliveryPolicy& policy, absl::Time now, double jitter);

}  // namespace xxt::notification

#endif  // XXT_SERVICES_NOTIFICATION_DOMAIN_DELIVERY_H_
