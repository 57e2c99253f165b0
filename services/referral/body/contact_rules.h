#ifndef XXT_SERVICES_REFERRAL_BODY_CONTACT_RULES_H_
#define XXT_SERVICES_REFERRAL_BODY_CONTACT_RULES_H_

#include <optional>

#include "absl/time/time.h"

namespace xxt::referral {

// How long a contact of the directory counts as right once somebody has made sure of it. A year: the AIRS Standards for
// information and referral (9.0, on maintaining the resource database) have every record verified at least once a year.
struct ContactPolicy {
  absl::Duration verify_within = absl::Hours(365 * 24);
};

// Whether nobody has made sure of it for longer than that. Who never did is counted from when it was entered, if that
// is known: of an entry that is older than this rule nothing is said.
bool IsStale(const ContactPolicy& policy, std::optional<absl::Time> verified, std::optional<absl::Time> entered,
             absl::Time now);

}  // namespace xxt::referral

#endif  // XXT_SERVICES_REFERRAL_BODY_CONTACT_RULES_H_
