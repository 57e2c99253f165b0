#ifndef XXT_SERVICES_REFERRAL_APP_REFERRALS_H_
#define XXT_SERVICES_REFERRAL_APP_REFERRALS_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/identity/caller.h"
#include "common/pg/session.h"
#include "common/seal/seal.h"
#include "services/referral/domain/case_seen.h"
#include "services/referral/domain/entry.h"
#include "services/referral/domain/referral.h"

// What officers do with a referral, one function per use case. Each runs in
// the caller's transaction and answers OTHER_HALL for another hall's referral.
namespace xxt::referral::app {

// Whether what is to be told the body has a basis, is what it says it is, and
// is all that the question holds. Errors: LAWFUL_BASIS_MISSING, FIELD_INVALID.
absl::Status CheckDisclosure(const Referral& input, absl::Time now);

// Asks a body. Of `input` case_id, hall, body_id, unit, ask, question,
// lawful_basis, disclosed, paper_title and connector are read; `seen` is what
// intake says of the case now; `keys` make the key that seals what will hang on it.
// Errors: OTHER_HALL, STATE_FORBIDS (the case is closed), NOT_FOUND (body),
// those of CheckDisclosure.
absl::StatusOr<Referral> CreateReferral(pg::Session& session, const identity::Caller& caller,
                                        const seal::Keyring& keys, const Referral& input, const CaseSeen& seen,
                                        absl::Time now);

absl::StatusOr<Referral> GetReferral(pg::Session& session, const identity::Caller& caller, absl::string_view id);

// Records what the body said. Errors: NOT_FOUND (mail), STATE_FORBIDS,
// ETAG_MISMATCH, FIELD_INVALID (a reason is missing).
absl::StatusOr<Referral> RecordReply(pg::Session& session, const identity::Caller& caller, absl::string_view id,
                                     const Reply& reply, absl::string_view etag, absl::Time now);

// Withdraws the request. Errors: STATE_FORBIDS, ETAG_MISMATCH.
absl::StatusOr<Referral> CancelReferral(pg::Session& session, const identity::Caller& caller, absl::string_view id,
                                        const std::string& reason, absl::string_view etag, absl::Time now);

// Writes into the ledger; a STAFF referral's first REACHED makes it SENT.
// Errors: NOT_FOUND (claim), FIELD_INVALID.
absl::StatusOr<Entry> CreateEntry(pg::Session& session, const identity::Caller& caller, absl::string_view id,
                                  const EntryContent& content, std::optional<absl::Time> occur_time, absl::Time now);

// Sets the cut-off from a rule of the referral's body. Errors: NOT_FOUND (rule
// note), STATE_FORBIDS (no period), FIELD_INVALID, ETAG_MISMATCH.
absl::StatusOr<Referral> SetCutOff(pg::Session& session, const identity::Caller& caller, absl::string_view id,
                                   absl::string_view note_body_id, absl::string_view note_id, absl::CivilDay anchor_day,
                                   absl::string_view etag, absl::Time now);

}  // namespace xxt::referral::app

#endif  // XXT_SERVICES_REFERRAL_APP_REFERRALS_H_
