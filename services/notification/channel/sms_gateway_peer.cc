#include "services/notification/channel/sms_gateway_peer.h"

#include <curl/curl.h>

#include <algorithm>
#include <cstddef>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace xxt::notification {
namespace {

constexpr std::size_t kLargestAnswer = 1 << 20;
constexpr absl::Duration kConnectTimeout = absl::Seconds(3);
// Nobody is kept from being told for longer than this by a gateway's wish.
constexpr absl::Duration kLongestRetryAfter = absl::Minutes(15);

// libcurl wants to be told once per process, before any thread uses it.
void InitCurl() {
  static const CURLcode kOnce = curl_global_init(CURL_GLOBAL_DEFAULT);
  static_cast<void>(kOnce);
}

// Keeps the head of an answer that is too large; libcurl then ends with
// CURLE_WRITE_ERROR.
std::size_t AppendBody(char* data, std::size_t size, std::size_t count, void* body) {
  std::string& text = *static_cast<std::string*>(body);
  const std::size_t room = kLargestAnswer - text.size();
  text.append(data, std::min(size * count, room));
  return size * count <= room ? size * count : 0;
}

}  // namespace

// One request and what came back.
struct SmsGateway::Exchange {
  std::string url;
  std::string body;                  // POST if not empty
  std::vector<std::string> headers;  // beyond authorization

  CURLcode result = CURLE_OK;
  long status = 0;
  std::string answer;
  bool sent_whole = false;  // the whole request has left
  absl::Duration retry_after;
};

SmsGateway::SmsGateway(Options options) : options_(std::move(options)) { InitCurl(); }

SmsGateway::~SmsGateway() {
  const MutexLock lock(mu_);
  for (void* handle : idle_) curl_easy_cleanup(handle);
}

void* SmsGateway::TakeHandle() {
  const MutexLock lock(mu_);
  if (idle_.empty()) return curl_easy_init();
  void* handle = idle_.back();
  idle_.pop_back();
  return handle;
}

void SmsGateway::Perform(Exchange& exchange, SteadyTime deadline) {
  const absl::Duration left = std::min(deadline.left(), options_.timeout);
  if (left < absl::Milliseconds(1)) {
    exchange.result = CURLE_OPERATION_TIMEDOUT;
    return;
  }
  void* curl = TakeHandle();
  curl_slist* headers =
      curl_slist_append(nullptr, absl::StrCat("Authorization: Bearer ", options_.token.value()).c_str());
  headers = curl_slist_append(headers, "Expect:");
  for (const std::string& header : exchange.headers) headers = curl_slist_append(headers, header.c_str());
  curl_easy_setopt(curl, CURLOPT_URL, exchange.url.c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_PROXY, "");
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(absl::ToInt64Milliseconds(left)));
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(absl::ToInt64Milliseconds(kConnectTimeout)));
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &AppendBody);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &exchange.answer);
  if (!exchange.body.empty()) {
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, exchange.body.c_str());
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, static_cast<long>(exchange.body.size()));
    // libcurl itself sends a request again when a connection that was used
    // before breaks without an answer. Whether to send again is not its call.
    curl_easy_setopt(curl, CURLOPT_FRESH_CONNECT, 1L);
  }
  exchange.result = curl_easy_perform(curl);
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &exchange.status);
  curl_off_t uploaded = 0;
  curl_easy_getinfo(curl, CURLINFO_SIZE_UPLOAD_T, &uploaded);
  exchange.sent_whole = uploaded >= static_cast<curl_off_t>(exchange.body.size());
  curl_off_t retry_after = 0;
  curl_easy_getinfo(curl, CURLINFO_RETRY_AFTER, &retry_after);
  exchange.retry_after = std::min(absl::Seconds(retry_after), kLongestRetryAfter);
  curl_slist_free_all(headers);
  curl_easy_reset(curl);  // keeps the connection
  const MutexLock lock(mu_);
  idle_.push_back(curl);
}

SendOutcome SmsGateway::Send(const std::string& key, const std::string& to, const std::string& text,
                             SteadyTime deadline) {
  Exchange exchange;
  exchange.url = options_.url;
  exchange.body = nlohmann::json({{"to", to}, {"text", text}, {"client_ref", key}}).dump();
  exchange.headers = {"Content-Type: application/json; charset=utf-8", absl::StrCat("Idempotency-Key: ", key)};
  Perform(exchange, deadline);
  if (exchange.result != CURLE_OK) {
    using Kind = SendOutcome::Kind;
    if (!exchange.sent_whole) return {Kind::kRefusedForNow, FailureKind::kTechnical, "", "连不上短信网关", {}, false};
    return {Kind::kUnknown, FailureKind::kTechnical, "", "短信网关的答复没有收到", {}};
  }
  return ReadSendAnswer(exchange.status, exchange.answer, exchange.retry_after);
}

absl::StatusOr<SendOutcome> SmsGateway::Find(const std::string& key, SteadyTime deadline) {
  if (options_.query_url.empty()) return absl::FailedPreconditionError("the gateway cannot be asked");
  Exchange exchange;
  exchange.url = absl::StrCat(options_.query_url, "?client_ref=", key);
  Perform(exchange, deadline);
  if (exchange.result != CURLE_OK || exchange.status != 200)
    return absl::UnavailableError("the gateway does not answer");
  return ReadFindAnswer(exchange.answer, key);
}

absl::StatusOr<ReceiptPage> SmsGateway::ReceiptsAfter(std::int64_t after, int limit, SteadyTime deadline) {
  if (options_.receipts_url.empty()) return absl::FailedPreconditionError("the gateway gives no receipts");
  Exchange exchange;
  exchange.url = absl::StrCat(options_.receipts_url, "?after=", after, "&limit=", limit);
  Perform(exchange, deadline);
  const bool readable = exchange.result == CURLE_OK || exchange.result == CURLE_WRITE_ERROR;
  if (!readable || exchange.status != 200) return absl::UnavailableError("the gateway does not answer");
  return ReadReceipts(exchange.answer, after, limit);
}

}  // namespace xxt::notification
