#ifndef XXT_SERVICES_NOTIFICATION_MESSAGE_DELIVERY_RULES_H_
#define XXT_SERVICES_NOTIFICATION_MESSAGE_DELIVERY_RULES_H_

#include "absl/time/time.h"

namespace xxt::notification {

// How far telling somebody through a channel came, and what follows from it. Nothing is
// told twice by itself: what may have arrived is never sent again without a person.

// How far one delivery came; the proto's numbers. A lattice: created < sending < accepted <
// failed < delivered: a telephone that has the message has it, whatever was said before.
enum class DeliveryState {
  kCreated = 1,
  kSending = 2,    // the outside world was, or may have been, touched
  kAccepted = 3,   // the provider has it; no word from the handset
  kDelivered = 4,  // the end
  kFailed = 5,     // not arrived, as far as anybody knows: nothing but delivered follows
  kInDoubt = 6,    // the provider's answer was lost: it may have it or not
};

// Why a delivery failed; the kinds of GOV.UK Notify, the proto's numbers.
enum class FailureKind {
  kNone = 0,       // it did not
  kTemporary = 1,  // telephone off, provider busy: try again
  kPermanent = 2,  // the address is bad
  kTechnical = 3,  // our fault: configuration, certificate, template
};

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
// terminal state only; failed is left for delivered only. A state of a newer version
// is left for a terminal one.
Advance Join(DeliveryState current, DeliveryState news);

// What comes next.
enum class NextStep {
  kWait,          // on its way: whoever has it goes on with it
  kAwaitReceipt,  // look again when it is overdue
  kShowDoubt,     // a person decides: ring up, mark received, or send again
  kDone,          // told
  kGoOn,          // by another channel, at last by a person: never silence
};

// What comes after a try that came as far as `state`. The engine has tried it as
// often as that makes sense, so that a failure is none that trying again cures.
// `receipt_due`: from when on a receipt is overdue. It may well have arrived all the same:
// nobody is told it through another channel then, but a person decides.
NextStep StepAfter(DeliveryState state, bool gives_receipts, absl::Time receipt_due, absl::Time now);

}  // namespace xxt::notification

#endif  // XXT_SERVICES_NOTIFICATION_MESSAGE_DELIVERY_RULES_H_
