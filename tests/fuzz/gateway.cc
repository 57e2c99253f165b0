#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "common/text/unicode.h"
#include "services/notification/channel/gateway_answers.h"
#include "tests/fuzz/check.h"
#include "tests/fuzz/targets.h"

namespace xxt::fuzz {
namespace {

using notification::Receipt;
using notification::SendOutcome;

constexpr char kKey[] = "0198f2a4-1c77-7c3e-8a52-6f0c1f7f7a11";

// What goes into the database is text, and of a size that a person reads.
void MustBeText(const std::string& text) {
  XXT_MUST(text::DecodeUtf8(text).ok());
  XXT_MUST(text.find('\0') == std::string::npos);
  XXT_MUST(text.size() <= 200);
}

void MustBeAnOutcome(const SendOutcome& outcome) {
  MustBeText(outcome.reference);
  MustBeText(outcome.detail);
  XXT_MUST((outcome.kind == SendOutcome::Kind::kAccepted) == (outcome.failure == notification::FailureKind::kNone));
  XXT_MUST(outcome.kind == SendOutcome::Kind::kAccepted || outcome.reference.empty());
}

}  // namespace

// Begins with the HTTP status, three digits.
bool GatewayAnswer(absl::string_view bytes) {
  int status = 0;
  if (bytes.size() < 3 || !absl::SimpleAtoi(bytes.substr(0, 3), &status)) return false;
  const std::string body(bytes.substr(3));
  MustBeAnOutcome(notification::ReadSendAnswer(status, body, absl::ZeroDuration()));
  if (status != 200) return true;  // nobody asks the others
  const auto found = notification::ReadFindAnswer(body, kKey);
  if (found.ok()) MustBeAnOutcome(*found);
  return true;
}

bool Receipts(absl::string_view bytes) {
  const auto page = notification::ReadReceipts(std::string(bytes), 5, 3);
  if (!page.ok()) return true;
  XXT_MUST(page->receipts.size() <= 3);
  std::int64_t last = 5;
  for (const Receipt& receipt : page->receipts) {
    XXT_MUST(receipt.seq > 5 && receipt.seq >= last);
    last = receipt.seq;
    XXT_MUST(receipt.delivery_id.empty() || receipt.delivery_id.size() == 36);
    MustBeText(receipt.reference);
    MustBeText(receipt.word);
    MustBeText(receipt.detail);
  }
  return true;
}

}  // namespace xxt::fuzz
