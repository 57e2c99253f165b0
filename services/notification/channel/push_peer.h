#ifndef XXT_SERVICES_NOTIFICATION_CHANNEL_PUSH_PEER_H_
#define XXT_SERVICES_NOTIFICATION_CHANNEL_PUSH_PEER_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/concurrency/steady_time.h"
#include "common/files/secret.h"
#include "services/notification/channel/http_peer.h"
#include "services/notification/channel/push_answers.h"

// Who takes messages for people over HTTP, beside the SMS gateway. Thread-safe; each
// call is one request.
namespace xxt::notification {

// The template messages of the hall's account at WeChat (微信公众号模板消息). The
// template has the fields "first", what it tells, and "remark", the words.
class Wechat {
 public:
  struct Options {
    std::string url;  // POST here, "https://api.weixin.qq.com/cgi-bin/message/template/send"; empty: none is sent
    files::Secret token;
    std::string template_id;
    absl::Duration timeout = absl::Seconds(10);  // of a whole exchange
  };
  explicit Wechat(Options options);

  // Hands `words` for the person `to` over, once per `key`. Ends by `deadline`.
  SendOutcome Send(const std::string& key, const std::string& to, const std::string& headline, const std::string& words,
                   SteadyTime deadline);

 private:
  const Options options_;
  HttpClient http_;
};

// The value of the header "webhook-signature" as Standard Webhooks 1.0 has it:
// "v1," and the HMAC-SHA256 of id, timestamp and body. `secret` is "whsec_" and
// base64; what is not is taken as it is.
std::string SignWebhook(absl::string_view secret, absl::string_view id, std::int64_t timestamp, absl::string_view body);

// A system of the district that shows people their messages, told by webhooks as
// Standard Webhooks 1.0 has them. A message that comes twice has the same id.
class Webhook {
 public:
  struct Options {
    std::string url;                             // POST here; empty: none is sent
    files::Secret secret;                        // "whsec_…"
    absl::Duration timeout = absl::Seconds(10);  // of a whole exchange
  };
  explicit Webhook(Options options);

  // As Wechat::Send. `case_name`: what the words are about.
  SendOutcome Send(const std::string& key, const std::string& to, const std::string& case_name,
                   const std::string& words, SteadyTime deadline);

 private:
  const Options options_;
  HttpClient http_;
};

}  // namespace xxt::notification

#endif  // XXT_SERVICES_NOTIFICATION_CHANNEL_PUSH_PEER_H_
