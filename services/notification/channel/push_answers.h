#ifndef XXT_SERVICES_NOTIFICATION_CHANNEL_PUSH_ANSWERS_H_
#define XXT_SERVICES_NOTIFICATION_CHANNEL_PUSH_ANSWERS_H_

#include <string>

#include "absl/time/time.h"
#include "services/notification/channel/gateway_answers.h"

// What WeChat and the district's system answer over HTTP, read. Pure; no bytes make
// these throw.
namespace xxt::notification {

// WeChat's answer to a template message: 200 with an errcode. 0 is kAccepted; that
// the person is not known, or has left, kRefusedForGood; any other errcode is no
// word about this message, kRefusedForNow. Of a token that has ended it takes no
// message at all, so such an answer counts as none (`reached` is false): who looks
// after the channel is to hear of it. What is no such answer, and 5xx, is kUnknown.
SendOutcome ReadWechatAnswer(long status, const std::string& body);

// The answer of a system to a webhook. 2xx is kAccepted; 400, 410 and 422 are
// kRefusedForGood, other 3xx and 4xx kRefusedForNow but for 409, which is kAtIt.
// 429 and 503 are kRefusedForNow, other 5xx, which a proxy may give for a message
// that went through, kUnknown.
SendOutcome ReadWebhookAnswer(long status, absl::Duration retry_after);

}  // namespace xxt::notification

#endif  // XXT_SERVICES_NOTIFICATION_CHANNEL_PUSH_ANSWERS_H_
