#ifndef XXT_SERVICES_REFERRAL_CUT_OFF_CUT_OFF_H_
#define XXT_SERVICES_REFERRAL_CUT_OFF_CUT_OFF_H_

#include "absl/status/status.h"
#include "common/store/tx.h"
#include "services/referral/cut_off/notice_rules.h"
#include "services/referral/referrals/referrals.h"

// The last day on which a body does what is asked of it (最晚办理日): counted from
// one of its rules, and told in time.
namespace xxt::referral::cut_off {

// SetCutOff, also of one that is answered. Errors: those of referrals::LockOpen; FIELD_INVALID,
// RESOURCE_NOT_FOUND (rule note), STATE_FORBIDS (it has no period).
absl::Status Set(Tx& tx, const v1::SetCutOffRequest& request, v1::Referral& found);

// Nobody is warned of it any more.
void EndWarnings(Tx& tx, const v1::Referral& referral);

// As the notices tell it.
RecordedCutOff RecordedOf(const v1::CutOff& cut_off);

}  // namespace xxt::referral::cut_off

#endif  // XXT_SERVICES_REFERRAL_CUT_OFF_CUT_OFF_H_
