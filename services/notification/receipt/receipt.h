#ifndef XXT_SERVICES_NOTIFICATION_RECEIPT_RECEIPT_H_
#define XXT_SERVICES_NOTIFICATION_RECEIPT_RECEIPT_H_

#include "absl/status/statusor.h"
#include "common/concurrency/steady_time.h"
#include "common/edge/slice.h"
#include "common/pg/pool.h"
#include "services/notification/channel/sms_gateway_peer.h"
#include "services/notification/message/sending_policy_rules.h"

// What the gateway says became of text messages.
namespace xxt::notification::receipt {

// What reading receipts needs. Everything must outlive who reads.
struct Parts {
  const edge::Host& host;
  pg::Pool& pool;
  SmsGateway& gateway;
  const SendingPolicy& policy;
};

// Reads the next page of receipts from the gateway and takes each, with what
// follows from it, in a transaction of its own; at last, in another, moves the
// cursor past them. Every receipt is kept, whatever it says, and none stops the
// next: one whose effect cannot be stored is followed later, by a task, and one
// that PostgreSQL refuses is logged. Returns how many there were.
//
// A gateway that lost its receipts and counts from 1 again is noticed by the
// last receipt taken, which is read a second time: if it is another one, and
// the first of all is another one too, all are read anew.
//
// Errors: the gateway's, the store's; UNAVAILABLE if the next receipt is too
// large for any answer, and stops those behind it until the gateway drops it.
// What was taken stays taken, and is known when it is read again.
absl::StatusOr<int> Read(const Parts& parts, SteadyTime deadline);

}  // namespace xxt::notification::receipt

#endif  // XXT_SERVICES_NOTIFICATION_RECEIPT_RECEIPT_H_
