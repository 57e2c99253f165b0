#include "services/referral/body/contact_rules.h"

namespace xxt::referral {

bool IsStale(const ContactPolicy& policy, std::optional<absl::Time> verified, std::optional<absl::Time> entered,
             absl::Time now) {
  const std::optional<absl::Time> since = verified.has_value() ? verified : entered;
  return since.has_value() && now - *since > policy.verify_within;
}

}  // namespace xxt::referral
