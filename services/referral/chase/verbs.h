#ifndef XXT_SERVICES_REFERRAL_CHASE_VERBS_H_
#define XXT_SERVICES_REFERRAL_CHASE_VERBS_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/store/tx.h"
#include "services/referral/chase/steps.h"
#include "services/referral/entry/entry.h"
#include "services/referral/referrals/intake_peer.h"
#include "services/referral/referrals/referrals.h"

// What officers do with a referral, one function per use case; OTHER_HALL for
// another hall's.
namespace xxt::referral::chase {

// CreateReferral: asks a body. Intake is asked for the case, and for what the
// basis is recorded in, before the store is asked anything: no connection waits for it.
// Errors: OTHER_HALL, STATE_FORBIDS (the case is closed), RESOURCE_NOT_FOUND
// (case, body, contact or paper of the basis), LAWFUL_BASIS_MISSING, FIELD_INVALID, PEER_UNAVAILABLE.
absl::Status Create(const Intake& peer, Tx& tx, const v1::CreateReferralRequest& request, v1::Referral& made);

// What Create asks of what is to be asked, whoever of: its case is there, open, and of the caller's hall, what is
// disclosed has a basis, and that is recorded. `at` is what callers call it: "referral". Errors: those of Create but
// for the body.
absl::Status CheckAsked(const Intake& peer, const Tx& tx, const v1::Referral& input, absl::string_view at);

// Asks the body of `asked`, whose referral says what and has an owner, and was looked at by CheckAsked when it was
// thought of. The unit is one of the body's. Intake is not asked: if the case is closed meanwhile it says so when it is
// told.
void Open(Tx& tx, Chased* asked);

// RecordReply. Errors: RESOURCE_NOT_FOUND (mail), STATE_FORBIDS, ETAG_MISMATCH,
// FIELD_INVALID (a reason is missing).
absl::Status RecordReply(Tx& tx, const v1::RecordReplyRequest& request, v1::Referral& found);

// ProvideInput. Errors: STATE_FORBIDS, ETAG_MISMATCH.
absl::Status ProvideInput(Tx& tx, const v1::ProvideInputRequest& request, v1::Referral& found);

// CancelReferral. Errors: STATE_FORBIDS, ETAG_MISMATCH.
absl::Status Cancel(Tx& tx, const v1::CancelReferralRequest& request, v1::Referral& found);

// CreateEntry: writes into the ledger; a STAFF referral's first REACHED makes it
// SENT. Errors: RESOURCE_NOT_FOUND (claim, rule note), FIELD_INVALID.
absl::Status CreateEntry(Tx& tx, const v1::CreateEntryRequest& request, v1::Entry& made);

}  // namespace xxt::referral::chase

#endif  // XXT_SERVICES_REFERRAL_CHASE_VERBS_H_
