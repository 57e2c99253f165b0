#ifndef XXT_SERVICES_NOTIFICATION_CHANNEL_PUSH_H_
#define XXT_SERVICES_NOTIFICATION_CHANNEL_PUSH_H_

#include "absl/time/time.h"
#include "common/edge/slice.h"
#include "common/pg/pool.h"
#include "services/notification/channel/push_peer.h"
#include "services/notification/message/sending_policy_rules.h"

// What the machine does to send messages by WeChat, and to a system of the district:
// the kinds are in PushSlice.
namespace xxt::notification::channel {

// What it needs. Everything must outlive the slice.
struct PushParts {
  const edge::Host& host;
  pg::Pool& pool;
  const SendingPolicy& policy;
  Wechat& wechat;
  absl::Duration wechat_window;  // how long it takes one message per key
  absl::Duration wechat_timeout;
  Webhook& webhook;
  absl::Duration webhook_window;
  absl::Duration webhook_timeout;
};

}  // namespace xxt::notification::channel

#endif  // XXT_SERVICES_NOTIFICATION_CHANNEL_PUSH_H_
