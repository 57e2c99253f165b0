#ifndef XXT_SERVICES_NOTIFICATION_CHANNEL_PAUSE_RULES_H_
#define XXT_SERVICES_NOTIFICATION_CHANNEL_PAUSE_RULES_H_

#include "absl/time/time.h"
#include "services/notification/message/sending_policy_rules.h"

namespace xxt::notification {

// What becomes of a message whose channel is paused.
struct Hold {
  bool by_person = false;  // it does not wait: a person rings up
  absl::Time until;        // else: when it is looked at again
};

// Decides for a message whose words are true until `true_until`, of a pause that ends, or is asked about, at
// `next_action_time`. Who waits can still be told in time then: by the channel, not by night, and if the pause goes on,
// by a person, who has at least one whole opening of the windows for it.
Hold HoldFor(const SendingPolicy& policy, bool urgent, absl::Time true_until, absl::Time next_action_time,
             absl::Time now);

}  // namespace xxt::notification

#endif  // XXT_SERVICES_NOTIFICATION_CHANNEL_PAUSE_RULES_H_
