#ifndef XXT_SERVICES_REFERRAL_REFERRALS_HORIZON_RULES_H_
#define XXT_SERVICES_REFERRAL_REFERRALS_HORIZON_RULES_H_

#include "absl/time/time.h"

namespace xxt::referral {

// As far ahead as anything is agreed with a body. What is said to be later is a slip of the pen; it would be nobody's
// work until then.
inline constexpr absl::Duration kFarthestAhead = absl::Hours(24 * 366);

}  // namespace xxt::referral

#endif  // XXT_SERVICES_REFERRAL_REFERRALS_HORIZON_RULES_H_
