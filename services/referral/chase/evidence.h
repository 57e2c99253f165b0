#ifndef XXT_SERVICES_REFERRAL_CHASE_EVIDENCE_H_
#define XXT_SERVICES_REFERRAL_CHASE_EVIDENCE_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/concurrency/steady_time.h"
#include "services/referral/referrals/intake_peer.h"
#include "services/referral/referrals/referrals.h"

namespace xxt::referral::chase {

// Whether the contact shows what the applicant or kin said: a message that arrived does not, nor does what colleagues
// or a body said.
bool ShowsTheirWord(const ::xixinting::intake::v1::Contact& contact);

// Nothing rests on a contact that was corrected. Errors: STATE_FORBIDS, of the one that counts instead.
absl::Status CheckStands(const ::xixinting::intake::v1::Contact& contact);

// Whether the basis of a new referral is recorded: its kind says in what, and intake is asked for it. It is looked at
// once, when the referral, or the search, is made: a paper that was received does not change, and what a newer contact
// corrects is no basis any more. Who corrects it later takes the consent back, too (withdrawal). The caller may see the
// referral's case. `at` is what callers call the referral: "referral". Errors: FIELD_INVALID, STATE_FORBIDS
// (CheckStands), RESOURCE_NOT_FOUND, PEER_UNAVAILABLE.
absl::Status CheckRecorded(const Intake& peer, const v1::Referral& input, absl::string_view at, SteadyTime deadline);

}  // namespace xxt::referral::chase

#endif  // XXT_SERVICES_REFERRAL_CHASE_EVIDENCE_H_
