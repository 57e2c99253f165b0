#include "services/notification/channel/push_peer.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <cstdint>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"

namespace xxt::notification {
namespace {

using Json = nlohmann::json;
using Kind = SendOutcome::Kind;

constexpr char kJsonType[] = "Content-Type: application/json; charset=utf-8";

// What is known where no answer came.
SendOutcome Unanswered(const HttpExchange& exchange, const char* who) {
  if (!exchange.sent_whole) {
    return {Kind::kRefusedForNow, FailureKind::kTechnical, "", absl::StrCat("连不上", who), {}, false};
  }
  return {Kind::kUnknown, FailureKind::kTechnical, "", absl::StrCat(who, "的答复没有收到"), {}};
}

}  // namespace

Wechat::Wechat(Options options) : options_(std::move(options)) {}

SendOutcome Wechat::Send(const std::string& key, const std::string& to, const std::string& headline,
                         const std::string& words, SteadyTime deadline) {
  HttpExchange exchange;
  exchange.url = absl::StrCat(options_.url, "?access_token=", options_.token.value());
  exchange.body = Json({{"touser", to},
                        {"template_id", options_.template_id},
                        {"client_msg_id", key},
                        {"data", {{"first", {{"value", headline}}}, {"remark", {{"value", words}}}}}})
                      .dump();
  exchange.headers = {kJsonType};
  http_.Perform(exchange, options_.timeout, deadline);
  return exchange.came ? ReadWechatAnswer(exchange.status, exchange.answer) : Unanswered(exchange, "微信");
}

std::string SignWebhook(absl::string_view secret, absl::string_view id, std::int64_t timestamp,
                        absl::string_view body) {
  std::string key;
  const absl::string_view encoded = absl::StripPrefix(secret, "whsec_");
  if (encoded.size() == secret.size() || !absl::Base64Unescape(encoded, &key)) key = std::string(secret);
  const std::string text = absl::StrCat(id, ".", timestamp, ".", body);
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), reinterpret_cast<const unsigned char*>(text.data()),
       text.size(), digest, &size);
  return absl::StrCat("v1,", absl::Base64Escape(absl::string_view(reinterpret_cast<const char*>(digest), size)));
}

Webhook::Webhook(Options options) : options_(std::move(options)) {}

SendOutcome Webhook::Send(const std::string& key, const std::string& to, const std::string& case_name,
                          const std::string& words, SteadyTime deadline) {
  const absl::Time now = absl::Now();
  const std::int64_t timestamp = absl::ToUnixSeconds(now);
  HttpExchange exchange;
  exchange.url = options_.url;
  exchange.body = Json({{"type", "message.v1"},
                        {"timestamp", absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", now, absl::UTCTimeZone())},
                        {"data", {{"account", to}, {"case", case_name}, {"text", words}}}})
                      .dump();
  exchange.headers = {
      kJsonType, absl::StrCat("webhook-id: ", key), absl::StrCat("webhook-timestamp: ", timestamp),
      absl::StrCat("webhook-signature: ", SignWebhook(options_.secret.value(), key, timestamp, exchange.body))};
  http_.Perform(exchange, options_.timeout, deadline);
  return exchange.came ? ReadWebhookAnswer(exchange.status, exchange.retry_after) : Unanswered(exchange, "区里的系统");
}

}  // namespace xxt::notification
