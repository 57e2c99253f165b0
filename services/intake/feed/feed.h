#ifndef XXT_SERVICES_INTAKE_FEED_FEED_H_
#define XXT_SERVICES_INTAKE_FEED_FEED_H_

#include "absl/status/status.h"
#include "common/store/tx.h"
#include "services/intake/cases/cases.h"
#include "xixinting/intake/v1/feed.pb.h"

// What the other services report of a case.
namespace xxt::intake::feed {

// The case's referrals, papers and next action follow, and the person is told
// of what matters to them.
// Errors: FIELD_INVALID (last_safe_day missing), RESOURCE_NOT_FOUND,
// STATE_FORBIDS (nothing opens in a closed case).
absl::Status TakeReferral(Tx& tx, const v1::ReportReferralRequest& report, v1::ReportReferralResponse&);

// Writes it into the contact log. The last report of a message, not the last
// to arrive, moves the next action.
// Errors: RESOURCE_NOT_FOUND.
absl::Status TakeMessage(Tx& tx, const v1::ReportMessageRequest& report, v1::ReportMessageResponse&);

}  // namespace xxt::intake::feed

#endif  // XXT_SERVICES_INTAKE_FEED_FEED_H_
