#include "services/notification/peers/sms_gateway.h"

#include <curl/curl.h>

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/identifiers/uuid.h"

namespace xxt::notification {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kLargestAnswer = 1 << 20;
constexpr absl::Duration kConnectTimeout = absl::Seconds(3);
// Nobody is kept from being told for longer than this by a gateway's wish.
constexpr absl::Duration kLongestRetryAfter = absl::Minutes(15);

// libcurl wants to be told once per process, before any thread uses it.
void InitCurl() {
  static const CURLcode kOnce = curl_global_init(CURL_GLOBAL_DEFAULT);
  static_cast<void>(kOnce);
}

std::size_t AppendBody(char* data, std::size_t size, std::size_t count, void* body) {
  std::string& text = *static_cast<std::string*>(body);
  if (text.size() + size * count > kLargestAnswer) return 0;
  text.append(data, size * count);
  return size * count;
}

// Words of the gateway that go where no personal data may stand: a short code,
// or nothing.
std::string CodeOf(const Json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_string()) return "";
  std::string code = found->get<std::string>();
  const bool plain = code.size() <= 40 && std::all_of(code.begin(), code.end(),
                                                      [](unsigned char c) { return std::islower(c) != 0 || c == '_'; });
  return plain ? code : "";
}

std::string TextOf(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>().substr(0, 100) : std::string();
}

// Never throws: an answer that is no object reads as an empty one.
Json ParseObject(const std::string& body) {
  Json parsed = Json::parse(body, nullptr, /*allow_exceptions=*/false);
  return parsed.is_object() ? parsed : Json::object();
}

// What an officer reads for a code of the gateway; `otherwise` for unknown ones.
std::string ZhOf(const std::string& code, const std::string& otherwise) {
  if (code == "invalid_number") return "号码无效";
  if (code == "absent_subscriber") return "对方关机或不在服务区";
  return code.empty() ? otherwise : absl::StrCat(otherwise, " ", code);
}

bool IsCurable(long status) {
  return status == 401 || status == 403 || status == 404 || status == 405 || status == 408 || status == 425 ||
         status == 426 || (status >= 300 && status < 400);
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
  curl_slist* headers = curl_slist_append(nullptr, absl::StrCat("Authorization: Bearer ", options_.token).c_str());
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

SmsOutcome SmsGateway::Send(const std::string& key, const std::string& to, const std::string& text,
                            SteadyTime deadline) {
  using Kind = SmsOutcome::Kind;
  Exchange exchange;
  exchange.url = options_.url;
  exchange.body = Json({{"to", to}, {"text", text}, {"client_ref", key}}).dump();
  exchange.headers = {"Content-Type: application/json; charset=utf-8", absl::StrCat("Idempotency-Key: ", key)};
  Perform(exchange, deadline);
  const long status = exchange.status;
  if (exchange.result != CURLE_OK) {
    if (!exchange.sent_whole) return {Kind::kRefusedForNow, FailureKind::kTechnical, "", "连不上短信网关", {}};
    return {Kind::kUnknown, FailureKind::kTechnical, "", "短信网关的答复没有收到", {}};
  }
  const Json answer = ParseObject(exchange.answer);
  if (status >= 200 && status < 300) {
    const std::string reference = TextOf(answer, "id");
    if (!reference.empty()) return {Kind::kAccepted, FailureKind::kNone, reference, "", {}};
    return {Kind::kUnknown, FailureKind::kTechnical, "", "短信网关的答复看不懂", {}};
  }
  const std::string detail = ZhOf(CodeOf(answer, "error"), absl::StrCat("网关答复 ", status));
  if (status == 429 || status == 503) {
    return {Kind::kRefusedForNow, FailureKind::kTemporary, "", detail, exchange.retry_after};
  }
  if (IsCurable(status)) return {Kind::kRefusedForNow, FailureKind::kTechnical, "", detail, exchange.retry_after};
  if (status >= 400 && status < 500) return {Kind::kRefusedForGood, FailureKind::kPermanent, "", detail, {}};
  return {Kind::kUnknown, FailureKind::kTechnical, "", detail, {}};
}

absl::StatusOr<std::optional<std::string>> SmsGateway::Find(const std::string& key, SteadyTime deadline) {
  if (options_.query_url.empty()) return absl::FailedPreconditionError("the gateway cannot be asked");
  Exchange exchange;
  exchange.url = absl::StrCat(options_.query_url, "?client_ref=", key);
  Perform(exchange, deadline);
  if (exchange.result != CURLE_OK || exchange.status != 200)
    return absl::UnavailableError("the gateway does not answer");
  const Json answer = ParseObject(exchange.answer);
  const auto messages = answer.find("messages");
  if (messages == answer.end() || !messages->is_array()) return absl::UnavailableError("the gateway's answer is unfit");
  for (const Json& message : *messages) {
    if (message.is_object() && TextOf(message, "client_ref") == key) return {TextOf(message, "id")};
  }
  return {std::nullopt};
}

absl::StatusOr<ReceiptBatch> SmsGateway::ReceiptsAfter(std::int64_t after, SteadyTime deadline) {
  if (options_.receipts_url.empty()) return absl::FailedPreconditionError("the gateway gives no receipts");
  Exchange exchange;
  exchange.url = absl::StrCat(options_.receipts_url, "?after=", after);
  Perform(exchange, deadline);
  if (exchange.result != CURLE_OK || exchange.status != 200)
    return absl::UnavailableError("the gateway does not answer");
  const Json answer = ParseObject(exchange.answer);
  const auto receipts = answer.find("receipts");
  if (receipts == answer.end() || !receipts->is_array()) return absl::UnavailableError("the gateway's answer is unfit");
  ReceiptBatch batch;
  batch.next = after;
  for (const Json& item : *receipts) {
    if (!item.is_object() || !item.value("seq", Json()).is_number_integer()) continue;
    Receipt receipt;
    receipt.seq = item.at("seq").get<std::int64_t>();
    const std::string state = TextOf(item, "state");
    if (receipt.seq <= after || (state != "delivered" && state != "failed")) continue;
    const std::string ref = TextOf(item, "client_ref");
    if (identifiers::IsUuid(ref)) receipt.delivery_id = ref;
    receipt.delivered = state == "delivered";
    if (!receipt.delivered) receipt.detail = ZhOf(CodeOf(item, "detail"), "网关回执说没有送到");
    batch.next = std::max(batch.next, receipt.seq);
    batch.receipts.push_back(std::move(receipt));
  }
  const Json next = answer.value("next", Json());
  if (next.is_number_integer()) batch.next = std::max(batch.next, next.get<std::int64_t>());
  return batch;
}

}  // namespace xxt::notification
