#include "services/notification/channel/sms.h"

#include <functional>
#include <string>

#include "common/edge/noun.h"
#include "services/notification/channel/sending.h"
#include "services/notification/message/dead_task.h"
#include "services/notification/message/message.h"
#include "services/notification/message/outcomes.h"
#include "services/notification/message/recipient.h"
#include "services/notification/slices.h"

namespace xxt::notification {
namespace channel {
namespace {

Carrier GatewayOf(const SmsParts& parts) {
  Carrier carrier;
  carrier.kind = message::kSendSmsKind;
  carrier.party = "sms-gateway";
  carrier.title = "网关";
  carrier.address = message::NumberOf;
  carrier.send = [&gateway = parts.gateway](const std::string& key, const std::string& to, const v1::Message& message,
                                            SteadyTime deadline) {
    return gateway.Send(key, to, message.words().sms(), deadline);
  };
  if (parts.policy.queryable) {
    carrier.find = [&gateway = parts.gateway](const std::string& key, SteadyTime deadline) {
      return gateway.Find(key, deadline);
    };
  }
  carrier.idempotency_window = parts.policy.idempotency_window;
  carrier.timeout = parts.timeout;
  carrier.give_up_after = parts.give_up_after;
  carrier.workers = parts.workers;
  carrier.rate = parts.rate;
  return carrier;
}

// A message that was taken, or posted, and of which nothing is heard is shown to a person.
absl::Status CheckReceipt(const SendingPolicy& policy, Tx& tx, const tasks::Task& task) {
  XXT_ASSIGN_OR_RETURN(v1::Message found, message::Lock(tx, task.subject));
  const bool waits =
      found.state() == v1::Message::STATE_SENDING && message::Current(found).state() == v1::Delivery::STATE_ACCEPTED;
  if (!waits) return absl::OkStatus();
  message::Proceed({tx, policy, message::kCheckReceiptKind}, found);
  message::Save(tx, found);
  return absl::OkStatus();
}

}  // namespace
}  // namespace channel

edge::Slice SmsSlice(const channel::SmsParts& parts) {
  return {{channel::SendKind({parts.host, parts.pool, parts.policy, channel::GatewayOf(parts)}),
           edge::Timer(parts.host, message::kCheckReceiptKind,
                       std::bind_front(channel::CheckReceipt, std::cref(parts.policy)), message::ShowDead)},
          {},
          {}};
}

}  // namespace xxt::notification
