#ifndef XXT_SERVICES_NOTIFICATION_APP_SMS_TASKS_H_
#define XXT_SERVICES_NOTIFICATION_APP_SMS_TASKS_H_

#include "absl/time/time.h"
#include "common/clock/clock.h"
#include "common/pg/pool.h"
#include "common/tasks/task.h"
#include "services/notification/domain/sending_policy.h"
#include "services/notification/peers/sms_gateway.h"

namespace xxt::notification::app {

// What the machine needs to send text messages. Everything must outlive the
// kinds made of it.
struct SmsParts {
  pg::Pool& pool;
  const Clock& clock;
  SmsGateway& gateway;
  const SendingPolicy& policy;
  absl::Duration timeout = absl::Seconds(10);      // longest exchange with the gateway
  absl::Duration give_up_after = absl::Hours(12);  // of refusals; then a person calls
  int workers = 0;                                 // messages sent at a time; 0: as of all kinds
  double rate = 0;                                 // most messages per second; 0: no limit
};

// Sends one text message per delivery: the task's id is the delivery's, and the
// gateway's idempotency key.
//
// Before the gateway is touched, a transaction of its own notes that it may
// have the message; only the gateway's word takes that back. So whatever
// crashes in between, the next attempt knows that it is not the first, sends
// with the same key while the gateway promises to know it, and asks the
// gateway, or a person, afterwards, or when such an attempt is refused: a
// gateway refuses what it has, too.
tasks::MachineKind SendSmsKind(const SmsParts& parts);

// Shows a person a message that was taken by the gateway and never receipted.
tasks::MachineKind CheckReceiptKind(const SmsParts& parts);

}  // namespace xxt::notification::app

#endif  // XXT_SERVICES_NOTIFICATION_APP_SMS_TASKS_H_
