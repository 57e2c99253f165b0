#ifndef XXT_SERVICES_NOTIFICATION_APP_RECEIPTS_H_
#define XXT_SERVICES_NOTIFICATION_APP_RECEIPTS_H_

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/clock/clock.h"
#include "common/concurrency/steady_time.h"
#include "common/pg/pool.h"
#include "common/tasks/task.h"
#include "services/notification/domain/sending_policy.h"
#include "services/notification/peers/sms_gateway.h"

namespace xxt::notification::app {

// Reads the next page of receipts from the gateway and takes each, with what
// follows from it, in a transaction of its own; at last, in another, moves the
// cursor past them. Every receipt is kept, whatever it says, and none stops the
// next: one whose effect cannot be stored is followed later, by a task, and one
// that PostgreSQL refuses is logged. Answers how many there were.
//
// A gateway that lost its receipts and counts from 1 again is noticed by the
// last receipt taken, which is read a second time: if it is another one, and
// the first of all is another one too, all are read anew.
//
// Errors: the gateway's, the store's; UNAVAILABLE if the next receipt is too
// large for any answer, and stops those behind it until the gateway drops it.
// What was taken stays taken, and is known when it is read again.
absl::StatusOr<int> ReadReceipts(pg::Pool& pool, SmsGateway& gateway, const SendingPolicy& policy, const Clock& clock,
                                 SteadyTime deadline);

// Follows a receipt whose message could not be read when it came.
tasks::MachineKind TakeReceiptKind(pg::Pool& pool, const SendingPolicy& policy, const Clock& clock);

}  // namespace xxt::notification::app

#endif  // XXT_SERVICES_NOTIFICATION_APP_RECEIPTS_H_
