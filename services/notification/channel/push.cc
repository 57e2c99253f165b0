#include "services/notification/channel/push.h"

#include <string>

#include "services/notification/channel/sending.h"
#include "services/notification/message/outcomes.h"
#include "services/notification/slices.h"

namespace xxt::notification {
namespace channel {
namespace {

Carrier WechatOf(const PushParts& parts) {
  Carrier carrier;
  carrier.kind = message::kSendWechatKind;
  carrier.party = "wechat";
  carrier.title = "微信";
  carrier.address = [](const v1::Recipient& recipient) { return recipient.wechat_open_id(); };
  carrier.send = [&wechat = parts.wechat](const std::string& key, const std::string& to, const v1::Message& message,
                                          SteadyTime deadline) {
    return wechat.Send(key, to, message.headline(), message.words().sms(), deadline);
  };
  carrier.idempotency_window = parts.wechat_window;
  carrier.timeout = parts.wechat_timeout;
  return carrier;
}

Carrier WebhookOf(const PushParts& parts) {
  Carrier carrier;
  carrier.kind = message::kSendWebhookKind;
  carrier.party = "webhook";
  carrier.title = "区里的系统";
  carrier.address = [](const v1::Recipient& recipient) { return recipient.district_account(); };
  carrier.send = [&webhook = parts.webhook](const std::string& key, const std::string& to, const v1::Message& message,
                                            SteadyTime deadline) {
    return webhook.Send(key, to, message.case_name(), message.words().sms(), deadline);
  };
  carrier.idempotency_window = parts.webhook_window;
  carrier.timeout = parts.webhook_timeout;
  return carrier;
}

}  // namespace
}  // namespace channel

edge::Slice PushSlice(const channel::PushParts& parts) {
  return {{channel::SendKind({parts.host, parts.pool, parts.policy, channel::WechatOf(parts)}),
           channel::SendKind({parts.host, parts.pool, parts.policy, channel::WebhookOf(parts)})},
          {},
          {}};
}

}  // namespace xxt::notification
