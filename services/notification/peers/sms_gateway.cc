#include "services/notification/peers/sms_gateway.h"

#include <curl/curl.h>

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
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

// Keeps the head of an answer that is too large; libcurl then ends with
// CURLE_WRITE_ERROR.
std::size_t AppendBody(char* data, std::size_t size, std::size_t count, void* body) {
  std::string& text = *static_cast<std::string*>(body);
  const std::size_t room = kLargestAnswer - text.size();
  text.append(data, std::min(size * count, room));
  return size * count <= room ? size * count : 0;
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
  if (code == "expired") return "对方一直没有收到，短信已过有效期";
  if (code == "duplicate_content") return "网关认为与先前的短信重复";
  return code.empty() ? otherwise : absl::StrCat(otherwise, " ", code);
}

// The receipts that are whole in `body`, which may have been cut off; nullopt
// if it is no answer about receipts at all.
std::optional<std::vector<Json>> WholeReceipts(const std::string& body) {
  std::optional<std::vector<Json>> whole;
  bool inside = false;
  const auto collect = [&](int depth, Json::parse_event_t event, Json& parsed) {
    if (depth == 1 && event == Json::parse_event_t::key) inside = parsed == "receipts";
    if (depth == 1 && event == Json::parse_event_t::array_start && inside) whole.emplace();
    if (depth != 2 || event != Json::parse_event_t::object_end || !whole.has_value() || !inside) return true;
    whole->push_back(std::move(parsed));
    return false;
  };
  const Json rest = Json::parse(body, collect, /*allow_exceptions=*/false);
  static_cast<void>(rest);
  return whole;
}

// A state that is not in the list is not the end, or not one we know: it is
// kept, and the receipt's own timeout goes on.
Receipt::State StateOf(const std::string& word) {
  if (word == "delivered") return Receipt::State::kDelivered;
  for (const char* failed : {"failed", "undelivered", "undeliverable", "expired", "rejected", "deleted"}) {
    if (word == failed) return Receipt::State::kFailed;
  }
  return Receipt::State::kUndecided;
}

// Nullopt if it has no number by which it could be kept.
std::optional<Receipt> ReceiptFrom(const Json& item) {
  const Json seq = item.value("seq", Json());
  if (!seq.is_number_integer()) return std::nullopt;
  Receipt receipt;
  receipt.seq = seq.get<std::int64_t>();
  if (receipt.seq <= 0) return std::nullopt;
  if (const std::string ref = TextOf(item, "client_ref"); identifiers::IsUuid(ref)) receipt.delivery_id = ref;
  receipt.reference = TextOf(item, "id");
  const std::string word = absl::AsciiStrToLower(TextOf(item, "state"));
  receipt.state = StateOf(word);
  receipt.word = absl::AsciiStrToUpper(CodeOf({{"state", word}}, "state"));
  if (receipt.state != Receipt::State::kFailed) return receipt;
  const std::string why = CodeOf(item, "detail");
  receipt.detail = ZhOf(why.empty() && word != "failed" ? word : why, "网关回执说没有送到");
  return receipt;
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
    const std::string said = TextOf(answer, "status");
    if (said == "rejected" || said == "failed") {
      return {Kind::kRefusedForGood, FailureKind::kPermanent, "", ZhOf(CodeOf(answer, "error"), "网关没有接受"), {}};
    }
    const bool accepts = !answer.contains("status") || said == "accepted" || said == "queued";
    if (accepts && !reference.empty()) return {Kind::kAccepted, FailureKind::kNone, reference, "", {}};
    return {Kind::kUnknown, FailureKind::kTechnical, "", "短信网关的答复看不懂", {}};
  }
  if (status == 409) return {Kind::kUnknown, FailureKind::kTechnical, "", "网关正在处理这条短信", {}};
  const std::string detail = ZhOf(CodeOf(answer, "error"), absl::StrCat("网关答复 ", status));
  if (status == 429 || status == 503) {
    return {Kind::kRefusedForNow, FailureKind::kTemporary, "", detail, exchange.retry_after};
  }
  if (IsCurable(status)) return {Kind::kRefusedForNow, FailureKind::kTechnical, "", detail, exchange.retry_after};
  if (status >= 400 && status < 500) return {Kind::kRefusedForGood, FailureKind::kPermanent, "", detail, {}};
  return {Kind::kUnknown, FailureKind::kTechnical, "", detail, {}};
}

absl::StatusOr<SmsOutcome> SmsGateway::Find(const std::string& key, SteadyTime deadline) {
  using Kind = SmsOutcome::Kind;
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
    if (!message.is_object() || TextOf(message, "client_ref") != key) continue;
    if (TextOf(message, "state") == "rejected") {
      return SmsOutcome{Kind::kRefusedForGood, FailureKind::kPermanent, "", "网关没有接受", {}};
    }
    return SmsOutcome{Kind::kAccepted, FailureKind::kNone, TextOf(message, "id"), "", {}};
  }
  return SmsOutcome{Kind::kRefusedForNow, FailureKind::kTechnical, "", "网关没有收到", {}};
}

absl::StatusOr<std::vector<Receipt>> SmsGateway::ReceiptsAfter(std::int64_t after, int limit, SteadyTime deadline) {
  if (options_.receipts_url.empty()) return absl::FailedPreconditionError("the gateway gives no receipts");
  Exchange exchange;
  exchange.url = absl::StrCat(options_.receipts_url, "?after=", after, "&limit=", limit);
  Perform(exchange, deadline);
  const bool readable = exchange.result == CURLE_OK || exchange.result == CURLE_WRITE_ERROR;
  if (!readable || exchange.status != 200) return absl::UnavailableError("the gateway does not answer");
  const std::optional<std::vector<Json>> items = WholeReceipts(exchange.answer);
  if (!items.has_value()) return absl::UnavailableError("the gateway's answer is unfit");
  std::vector<Receipt> receipts;
  for (const Json& item : *items) {
    std::optional<Receipt> receipt = ReceiptFrom(item);
    if (receipt.has_value() && receipt->seq > after) receipts.push_back(*std::move(receipt));
  }
  if (receipts.empty() && !items->empty()) return absl::UnavailableError("the gateway's receipts have no numbers");
  std::sort(receipts.begin(), receipts.end(), [](const Receipt& a, const Receipt& b) { return a.seq < b.seq; });
  if (receipts.size() > static_cast<std::size_t>(limit)) receipts.resize(static_cast<std::size_t>(limit));
  return receipts;
}

}  // namespace xxt::notification
