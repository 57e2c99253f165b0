#ifndef XXT_SERVICES_NOTIFICATION_APP_RECEIPTS_H_
#define XXT_SERVICES_NOTIFICATION_APP_RECEIPTS_H_

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/clock/clock.h"
#include "common/concurrency/steady_time.h"
#include "common/pg/pool.h"
#include "common/pg/session.h"
#include "services/notification/domain/receipt.h"
#include "services/notification/domain/sending_policy.h"
#include "services/notification/peers/sms_gateway.h"

namespace xxt::notification::app {

// Notes a receipt and moves the cursor past it, with what follows from it, in
// one transaction. A receipt that was noted before, or that is about a message
// that is not ours, only moves the cursor.
absl::Status TakeReceipt(pg::Session& session, const SendingPolicy& policy, absl::string_view source,
                         const Receipt& receipt, absl::Time now);

// Reads the next receipts from the gateway and takes each. Answers how many
// there were. Errors: the gateway's, the store's; what was taken stays taken.
absl::StatusOr<int> ReadReceipts(pg::Pool& pool, SmsGateway& gateway, const SendingPolicy& policy, const Clock& clock,
                                 SteadyTime deadline);

}  // namespace xxt::notification::app

#endif  // XXT_SERVICES_NOTIFICATION_APP_RECEIPTS_H_
