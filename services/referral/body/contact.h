#ifndef XXT_SERVICES_REFERRAL_BODY_CONTACT_H_
#define XXT_SERVICES_REFERRAL_BODY_CONTACT_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/store/tx.h"
#include "services/referral/body/contact_rules.h"
#include "xixinting/referral/v1/body.pb.h"

// Contacts of the directory that nobody has verified for long. The task that asks for it is made when one is used
// (referrals/bounced.h), and ends here when it is verified, or is another one.
namespace xxt::referral::body {

namespace v1 = ::xixinting::referral::v1;

inline constexpr char kStaleContactKind[] = "referral.stale_contact";  // desk
// One open task for each contact.
std::string StaleKey(absl::string_view body, absl::string_view unit, absl::string_view address);

bool IsStale(const ContactPolicy& policy, const v1::ContactPoint& point, absl::Time now);

// Marks what is stale in what is shown. What is shown is not stored again.
void MarkStale(const ContactPolicy& policy, absl::Time now, v1::Body* shown);

// Takes over since when each contact stands in the directory, and queues the end of the tasks about those of `before`
// that were verified since, or are there no more.
void FollowContacts(Tx& tx, const v1::Body& before, v1::Body* made);

// Somebody has just made sure of it. Nothing happens if the directory has another by now. Errors: as of Tx::Load.
absl::Status MarkVerified(Tx& tx, absl::string_view body, absl::string_view unit, absl::string_view address);

}  // namespace xxt::referral::body

#endif  // XXT_SERVICES_REFERRAL_BODY_CONTACT_H_
