#ifndef XXT_SERVICES_REFERRAL_APP_CHASE_STEPS_H_
#define XXT_SERVICES_REFERRAL_APP_CHASE_STEPS_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/calendar/opening_hours.h"
#include "common/pg/session.h"
#include "common/store/tx.h"
#include "common/tasks/task.h"
#include "services/referral/chase/root.h"
#include "services/referral/domain/body.h"
#include "services/referral/domain/referral.h"
#include "services/referral/entry/entry.h"
#include "services/referral/storage/payload.h"

// The steps that every use case of a chase is made of: load, let the domain
// decide, store what follows. All run in the caller's transaction.
namespace xxt::referral::app {

// The machine's kinds of task, and the desk's.
inline constexpr char kChaseKind[] = "referral.chase";
inline constexpr char kSendMailKind[] = "referral.send_mail";
inline constexpr char kWarnCutOffKind[] = "referral.warn_cut_off";
// The rung of a warning that tells another day than was told before.
inline constexpr int kCorrectedRung = 1000;
inline constexpr char kCarryKind[] = "referral.carry";
inline constexpr char kReadMailKind[] = "referral.read_mail";
inline constexpr char kDecideSilenceKind[] = "referral.decide_silence";
inline constexpr char kCutOffWarningKind[] = "referral.cut_off_warning";
inline constexpr char kUnmatchedMailKind[] = "referral.unmatched_mail";
inline constexpr char kMailTroubleKind[] = "referral.mail_trouble";
inline constexpr char kVerifyContactKind[] = "referral.verify_contact";
inline constexpr char kDeadTaskKind[] = "referral.dead_task";

namespace v1 = ::xixinting::referral::v1;

using chase::kReportCaseKind;
using chase::Report;

// A referral locked for change, with its body.
struct Chased {
  Referral referral;
  Body body;

  // The unit asked; null only if the directory has lost it.
  const Unit* unit() const { return body.FindUnit(referral.unit); }
  // When that unit can be reached. Office hours if the directory does not say.
  calendar::OpeningHours Hours() const;
  // Patience with this body: its usual answer time.
  ChasePolicy Policy() const;
};

// Errors: NOT_FOUND.
absl::StatusOr<Chased> LoadForChange(Tx& tx, absl::string_view referral_id);

// ETAG_MISMATCH unless `etag` is empty or the referral's.
absl::Status CheckEtag(const Referral& referral, absl::string_view etag);

// STATE_FORBIDS if the referral has ended.
absl::Status CheckOpen(const Referral& referral);

// Lets the domain decide what `event` means, stores it, and queues everything
// that follows: tasks, the event of the ledger, the word to the case. Does not
// store the referral: Save does, once, at the end of the use case.
// Errors: STATE_FORBIDS; FIELD_INVALID, with `field_prefix` ("reply.") before
// the field's name.
absl::Status Advance(Tx& tx, Chased* chased, const Event& event, absl::string_view field_prefix = "");

// Makes the task that wakes the chase at next_action_time the only one.
void SetTimer(Tx& tx, const Referral& referral);

// Queues the update of the referral, and its timer.
void Save(Tx& tx, Chased* chased);

// Queues an event about the referral. `what` is "sent": "referral.sent.v1".
void Tell(Tx& tx, const Referral& referral, absl::string_view what, absl::string_view summary);

// To whoever tells a body that nothing is asked of it any more.
inline constexpr char kWithdrawnHint[] = "（协查已撤回，请告知对方不必再办）";

// Queues the desk's task to carry the referral to its unit. `hint` is added to
// what it says. Nothing happens if one is open.
void EnqueueCarry(Tx& tx, const Chased& chased, absl::Time due, absl::string_view hint = "");

// Queues the sending of a mail, as the one that is due: the use case inserts or
// saves the referral afterwards.
void EnqueueMail(Tx& tx, Referral& referral, MailPayload payload, tasks::Due due = {});

// No mail is due any more, and what became of the last one is nobody's question.
void DropMail(Tx& tx, Referral& referral);

// Queues the task that makes the owner read the mail called `mail`, an entry of
// the referral, and lets silence begin anew unless a machine wrote it.
absl::Status TakeMail(Tx& tx, Chased* chased, absl::string_view mail, bool automatic);

// Whether mail to the unit asked has come back for good, and nobody has verified its address since.
absl::StatusOr<bool> HasBounced(pg::Session& session, const Chased& chased);

// "八宝山殡仪馆 档案室".
std::string Whom(const Chased& chased);

// What a state is called for people.
absl::string_view WordFor(ChaseState state);

// The id in "referrals/{id}", as task subjects have it.
std::string IdOf(absl::string_view name);

}  // namespace xxt::referral::app

#endif  // XXT_SERVICES_REFERRAL_APP_CHASE_STEPS_H_
