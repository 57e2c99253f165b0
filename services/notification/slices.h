#ifndef XXT_SERVICES_NOTIFICATION_SLICES_H_
#define XXT_SERVICES_NOTIFICATION_SLICES_H_

#include "common/edge/slice.h"
#include "common/pg/pool.h"
#include "services/notification/channel/email.h"
#include "services/notification/channel/push.h"
#include "services/notification/channel/sms.h"
#include "services/notification/message/create.h"
#include "services/notification/message/sending_policy_rules.h"
#include "services/notification/receipt/receipt.h"

// The nouns of the notification service, in their one order: a slice may include
// headers of those above it, which tests/layering reads here.
namespace xxt::notification {

namespace message {
// What messages stand on. All of it outlives the slice.
struct Parts {
  Making making;
  pg::Pool& pool;
};
}  // namespace message

// template/: the catalogue of words, read only; compiled in.
edge::Slice MessageSlice(const edge::Host& host, const message::Parts& parts);  // message/
edge::Slice ChannelSlice(const edge::Host& host, const SendingPolicy& policy);  // channel/
edge::Slice SmsSlice(const channel::SmsParts& parts);                           // channel/
edge::Slice EmailSlice(const channel::EmailParts& parts);                       // channel/
edge::Slice PushSlice(const channel::PushParts& parts);                         // channel/
edge::Slice CallSlice(const edge::Host& host, const SendingPolicy& policy);     // channel/
edge::Slice LetterSlice(const edge::Host& host, const SendingPolicy& policy);   // channel/
edge::Slice ReceiptSlice(const receipt::Parts& parts);                          // receipt/

}  // namespace xxt::notification

#endif  // XXT_SERVICES_NOTIFICATION_SLICES_H_
