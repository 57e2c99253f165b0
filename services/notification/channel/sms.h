#ifndef XXT_SERVICES_NOTIFICATION_CHANNEL_SMS_H_
#define XXT_SERVICES_NOTIFICATION_CHANNEL_SMS_H_

#include "absl/time/time.h"
#include "common/edge/slice.h"
#include "common/pg/pool.h"
#include "services/notification/channel/sms_gateway_peer.h"
#include "services/notification/message/sending_policy_rules.h"

// What the machine does to send text messages: the kinds are in SmsSlice.
namespace xxt::notification::channel {

// What it needs. Everything must outlive the slice.
struct SmsParts {
  const edge::Host& host;
  pg::Pool& pool;
  SmsGateway& gateway;
  const SendingPolicy& policy;
  absl::Duration timeout = absl::Seconds(10);      // longest exchange with the gateway
  absl::Duration give_up_after = absl::Hours(12);  // of refusals; then a person calls
  int workers = 0;                                 // messages sent at a time; 0: as of all kinds
  double rate = 0;                                 // most messages per second; 0: no limit
};

}  // namespace xxt::notification::channel

#endif  // XXT_SERVICES_NOTIFICATION_CHANNEL_SMS_H_
