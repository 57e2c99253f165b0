#ifndef XXT_SERVICES_REFERRAL_APP_REFERRALS_H_
#define XXT_SERVICES_REFERRAL_APP_REFERRALS_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/store/tx.h"
#include "services/referral/domain/case_seen.h"
#include "services/referral/domain/referral.h"
#include "services/referral/entry/entry.h"

// What officers do with a referral, one function per use case. Each runs in
// the caller's transaction and answers OTHER_HALL for another hall's referral.
namespace xxt::referral::app {

// Whether what is to be told the body has a basis, is what it says it is, and
// is all that the question holds. Errors: LAWFUL_BASIS_MISSING, FIELD_INVALID.
absl::Status CheckDisclosure(const Referral& input, absl::Time now);

// Asks a body. Of `input` case_id, hall, body_id, unit, ask, question,
// lawful_basis, disclosed, paper_title and connector are read; `seen` is what
// intake says of the case now.
// Errors: OTHER_HALL, STATE_FORBIDS (the case is closed), NOT_FOUND (body),
// those of CheckDisclosure.
absl::StatusOr<Referral> CreateReferral(Tx& tx, const Referral& input, const CaseSeen& seen);

absl::StatusOr<Referral> GetReferral(Tx& tx, absl::string_view id);

// Records what the body said. Errors: NOT_FOUND (mail), STATE_FORBIDS,
// ETAG_MISMATCH, FIELD_INVALID (a reason is missing).
absl::StatusOr<Referral> RecordReply(Tx& tx, absl::string_view id, const entry::v1::Reply& reply,
                                     absl::string_view etag);

// Withdraws the request. Errors: STATE_FORBIDS, ETAG_MISMATCH.
absl::StatusOr<Referral> CancelReferral(Tx& tx, absl::string_view id, const std::string& reason,
                                        absl::string_view etag);

// Writes into the ledger; a STAFF referral's first REACHED makes it SENT.
// Errors: NOT_FOUND (claim), FIELD_INVALID.
absl::StatusOr<entry::v1::Entry> CreateEntry(Tx& tx, absl::string_view id, entry::v1::Entry input);

// Sets the cut-off from a rule of the referral's body. Errors: NOT_FOUND (rule
// note), STATE_FORBIDS (no period), FIELD_INVALID, ETAG_MISMATCH.
absl::StatusOr<Referral> SetCutOff(Tx& tx, absl::string_view id, absl::string_view note_body_id,
                                   absl::string_view note_id, absl::CivilDay anchor_day, absl::string_view etag);

}  // namespace xxt::referral::app

#endif  // XXT_SERVICES_REFERRAL_APP_REFERRALS_H_
