#include "services/notification/channel/pause_rules.h"

#include <algorithm>

namespace xxt::notification {
namespace {

// What was to be done at next_action_time may be late: nobody looks more often than this meanwhile.
constexpr absl::Duration kLookAgain = absl::Minutes(1);

}  // namespace

Hold HoldFor(const SendingPolicy& policy, bool urgent, absl::Time true_until, absl::Time next_action_time,
             absl::Time now) {
  const absl::Time look = std::max(next_action_time, now + kLookAgain);
  const absl::Time opening_over = NextCall(policy, NextCall(policy, look));
  const absl::Time safe = std::max(EarliestSms(policy, /*urgent=*/false, look), opening_over);
  return {urgent || true_until <= safe, look};
}

}  // namespace xxt::notification
