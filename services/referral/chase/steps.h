#ifndef XXT_SERVICES_REFERRAL_CHASE_STEPS_H_
#define XXT_SERVICES_REFERRAL_CHASE_STEPS_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/calendar/opening_hours.h"
#include "common/pg/session.h"
#include "common/store/tx.h"
#include "common/tasks/task.h"
#include "services/referral/body/body.h"
#include "services/referral/body/contact_rules.h"
#include "services/referral/chase/chase_rules.h"
#include "services/referral/entry/entry.h"
#include "services/referral/referrals/payload.h"
#include "services/referral/referrals/referrals.h"
#include "services/referral/referrals/report.h"

// The steps that every use case of a chase is made of: load, let the rules
// decide, store what follows. All run in the caller's transaction.
namespace xxt::referral::chase {

// Kinds of task that the steps make: the machine's, and the desk's.
inline constexpr char kChaseKind[] = "referral.chase";
inline constexpr char kSendMailKind[] = "referral.send_mail";
inline constexpr char kCarryKind[] = "referral.carry";
inline constexpr char kReadMailKind[] = "referral.read_mail";
inline constexpr char kDecideSilenceKind[] = "referral.decide_silence";
inline constexpr char kMailTroubleKind[] = "referral.mail_trouble";
inline constexpr char kBasisWithdrawnKind[] = "referral.basis_withdrawn";
// Of the search that asked, once a referral of it has ended: search/ does it.
inline constexpr char kFollowSearchKind[] = "search.follow";

// A referral with its body.
struct Chased {
  v1::Referral referral;
  v1::Body body;

  // The unit asked, the body's first if the referral names none; null only if the
  // directory has lost it.
  const v1::Unit* unit() const;
  // The mail address of that unit; null if it has none.
  const std::string* mail_address() const;
  // When that unit can be reached. Office hours if the directory does not say.
  calendar::OpeningHours Hours() const;
  // Patience with this body: its usual answer time.
  ChasePolicy Policy() const;
};

// The referral that `name` names, locked for change, with its body. Errors: those
// of referrals::Lock.
absl::StatusOr<Chased> LoadForChange(Tx& tx, absl::string_view name, absl::string_view etag = "");

// The referral's chase as the rules see it.
Chase ChaseOf(const v1::Referral& referral);

// Lets the rules decide what `event` means, stores it, and queues everything
// that follows: tasks, the event of the ledger, the word to the case. Does not
// store the referral: Save does, once, at the end of the use case.
// Errors: STATE_FORBIDS; FIELD_INVALID.
absl::Status Advance(Tx& tx, Chased* chased, const Event& event);

// Makes of a referral that is being created one that is queued.
void Start(Tx& tx, Chased* chased);

// Makes the task that wakes the chase at next_action_time the only one.
void SetTimer(Tx& tx, const v1::Referral& referral);

// Queues the update of the referral, and its timer. One whose data are erased ends as any
// other does, but nobody's words for why are kept.
void Save(Tx& tx, Chased* chased);

// The person has taken back the consent that the open referral rests on: what was to be said to the body is not said,
// and a person decides. The use case saves the referral afterwards.
void WithdrawBasis(Tx& tx, Chased* chased);

// To whoever tells a body that nothing is asked of it any more.
inline constexpr char kWithdrawnHint[] = "（协查已撤回，请告知对方不必再办）";

// Queues the desk's task to carry the referral to its unit. `hint` is added to
// what it says. Nothing happens if one is open, nor while an open referral has no basis any more.
void EnqueueCarry(Tx& tx, const Chased& chased, absl::Time due, absl::string_view hint = "");

// Queues the sending of a mail, as the one that is due: the use case inserts or
// saves the referral afterwards. Without a basis only that the body need not go on.
void EnqueueMail(Tx& tx, v1::Referral& referral, MailPayload payload, tasks::Due due = {});

// No mail is due any more, and what became of the last one is nobody's question.
void DropMail(Tx& tx, v1::Referral& referral);

// Queues the task that makes the owner read the mail called `mail`, an entry of
// the referral, and lets silence begin anew unless a machine wrote it.
absl::Status TakeMail(Tx& tx, Chased* chased, absl::string_view mail, bool automatic);

// Has a person verify the number, or the address, that the referral is carried by, if nobody has for long. What is to
// be said to the body is said all the same.
absl::Status MindContact(Tx& tx, const ContactPolicy& policy, const Chased& chased);

// Whether mail to the unit asked has come back for good, and nobody has verified its address since.
absl::StatusOr<bool> HasBounced(pg::Session& session, const Chased& chased);

// "八宝山殡仪馆 档案室".
std::string Whom(const Chased& chased);

}  // namespace xxt::referral::chase

#endif  // XXT_SERVICES_REFERRAL_CHASE_STEPS_H_
