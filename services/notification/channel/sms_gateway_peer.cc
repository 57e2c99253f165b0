#include "services/notification/channel/sms_gateway_peer.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "services/notification/channel/http_peer.h"

namespace xxt::notification {

SmsGateway::SmsGateway(Options options) : options_(std::move(options)) {}

void SmsGateway::Perform(HttpExchange& exchange, SteadyTime deadline) {
  exchange.headers.push_back(absl::StrCat("Authorization: Bearer ", options_.token.value()));
  http_.Perform(exchange, options_.timeout, deadline);
}

SendOutcome SmsGateway::Send(const std::string& key, const std::string& to, const std::string& text,
                             SteadyTime deadline) {
  HttpExchange exchange;
  exchange.url = options_.url;
  exchange.body = nlohmann::json({{"to", to}, {"text", text}, {"client_ref", key}}).dump();
  exchange.headers = {"Content-Type: application/json; charset=utf-8", absl::StrCat("Idempotency-Key: ", key)};
  Perform(exchange, deadline);
  if (!exchange.came) {
    using Kind = SendOutcome::Kind;
    if (!exchange.sent_whole) return {Kind::kRefusedForNow, FailureKind::kTechnical, "", "连不上短信网关", {}, false};
    return {Kind::kUnknown, FailureKind::kTechnical, "", "短信网关的答复没有收到", {}};
  }
  return ReadSendAnswer(exchange.status, exchange.answer, exchange.retry_after);
}

absl::StatusOr<SendOutcome> SmsGateway::Find(const std::string& key, SteadyTime deadline) {
  if (options_.query_url.empty()) return absl::FailedPreconditionError("the gateway cannot be asked");
  HttpExchange exchange;
  exchange.url = absl::StrCat(options_.query_url, "?client_ref=", key);
  Perform(exchange, deadline);
  if (!exchange.came || exchange.status != 200) return absl::UnavailableError("the gateway does not answer");
  return ReadFindAnswer(exchange.answer, key);
}

absl::StatusOr<ReceiptPage> SmsGateway::ReceiptsAfter(std::int64_t after, int limit, SteadyTime deadline) {
  if (options_.receipts_url.empty()) return absl::FailedPreconditionError("the gateway gives no receipts");
  HttpExchange exchange;
  exchange.url = absl::StrCat(options_.receipts_url, "?after=", after, "&limit=", limit);
  Perform(exchange, deadline);
  if (!(exchange.came || exchange.cut) || exchange.status != 200)
    return absl::UnavailableError("the gateway does not answer");
  return ReadReceipts(exchange.answer, after, limit);
}

}  // namespace xxt::notification
