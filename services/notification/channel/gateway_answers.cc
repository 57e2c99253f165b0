#include "services/notification/channel/gateway_answers.h"

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/identifiers/uuid.h"
#include "common/text/cut.h"

namespace xxt::notification {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kMostTextBytes = 100;

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

// A word of the gateway as PostgreSQL and a person's screen can take it.
std::string TextOf(const Json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_string()) return "";
  std::string text = found->get<std::string>();
  text.erase(std::remove_if(text.begin(), text.end(), [](unsigned char c) { return absl::ascii_iscntrl(c); }),
             text.end());
  return std::string(text::CutAt(kMostTextBytes, text));
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

struct WholeReceipts {
  std::vector<Json> items;
  bool cut = false;  // the answer ends before its end
};

// The receipts that are whole in `body`; nullopt if it is no answer about
// receipts at all.
std::optional<WholeReceipts> FindReceipts(const std::string& body) {
  std::optional<WholeReceipts> whole;
  bool inside = false;
  const auto collect = [&](int depth, Json::parse_event_t event, Json& parsed) {
    if (depth == 1 && event == Json::parse_event_t::key) inside = parsed == "receipts";
    if (depth == 1 && event == Json::parse_event_t::array_start && inside) whole.emplace();
    if (depth != 2 || event != Json::parse_event_t::object_end || !whole.has_value() || !inside) return true;
    whole->items.push_back(std::move(parsed));
    return false;
  };
  const Json rest = Json::parse(body, collect, /*allow_exceptions=*/false);
  if (whole.has_value()) whole->cut = rest.is_discarded();
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

SendOutcome ReadSendAnswer(long status, const std::string& body, absl::Duration retry_after) {
  using Kind = SendOutcome::Kind;
  const Json answer = ParseObject(body);
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
  if (status == 409) return {Kind::kAtIt, FailureKind::kTechnical, "", "网关正在处理这条短信", {}};
  const std::string detail = ZhOf(CodeOf(answer, "error"), absl::StrCat("网关答复 ", status));
  if (status == 429 || status == 503) {
    return {Kind::kRefusedForNow, FailureKind::kTemporary, "", detail, retry_after};
  }
  if (IsCurable(status)) return {Kind::kRefusedForNow, FailureKind::kTechnical, "", detail, retry_after};
  if (status >= 400 && status < 500) return {Kind::kRefusedForGood, FailureKind::kPermanent, "", detail, {}};
  return {Kind::kUnknown, FailureKind::kTechnical, "", detail, {}};
}

absl::StatusOr<SendOutcome> ReadFindAnswer(const std::string& body, const std::string& key) {
  using Kind = SendOutcome::Kind;
  const Json answer = ParseObject(body);
  const auto messages = answer.find("messages");
  if (messages == answer.end() || !messages->is_array()) return absl::UnavailableError("the gateway's answer is unfit");
  for (const Json& message : *messages) {
    if (!message.is_object() || TextOf(message, "client_ref") != key) continue;
    if (TextOf(message, "state") == "rejected") {
      return SendOutcome{Kind::kRefusedForGood, FailureKind::kPermanent, "", "网关没有接受", {}};
    }
    return SendOutcome{Kind::kAccepted, FailureKind::kNone, TextOf(message, "id"), "", {}};
  }
  return SendOutcome{Kind::kRefusedForNow, FailureKind::kTechnical, "", "网关没有收到", {}};
}

absl::StatusOr<ReceiptPage> ReadReceipts(const std::string& body, std::int64_t after, int limit) {
  const std::optional<WholeReceipts> whole = FindReceipts(body);
  if (!whole.has_value()) return absl::UnavailableError("the gateway's answer is unfit");
  ReceiptPage page;
  page.cut = whole->cut;
  std::vector<Receipt>& receipts = page.receipts;
  for (const Json& item : whole->items) {
    std::optional<Receipt> receipt = ReceiptFrom(item);
    if (receipt.has_value() && receipt->seq > after) receipts.push_back(*std::move(receipt));
  }
  if (receipts.empty() && !whole->items.empty()) {
    return absl::UnavailableError("the gateway's receipts have no numbers");
  }
  std::sort(receipts.begin(), receipts.end(), [](const Receipt& a, const Receipt& b) { return a.seq < b.seq; });
  if (receipts.size() > static_cast<std::size_t>(limit)) receipts.resize(static_cast<std::size_t>(limit));
  return page;
}

}  // namespace xxt::notification
