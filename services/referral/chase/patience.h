#ifndef XXT_SERVICES_REFERRAL_CHASE_PATIENCE_H_
#define XXT_SERVICES_REFERRAL_CHASE_PATIENCE_H_

#include "absl/time/time.h"

namespace xxt::referral::chase {

// How far ahead a person may put what is next: to wait for a silent body, and to
// try again one that was not reached. Later is sleep.
struct Patience {
  absl::Duration longest_wait = absl::Hours(60 * 24);
  absl::Duration longest_retry = absl::Hours(14 * 24);
};

}  // namespace xxt::referral::chase

#endif  // XXT_SERVICES_REFERRAL_CHASE_PATIENCE_H_
