#include <iterator>
#include <nlohmann/json.hpp>
#include <string>

#include "services/intake/cases/message_payload.h"
#include "services/notification/receipt/receipt_payload.h"
#include "services/referral/referrals/payload.h"
#include "tests/fuzz/check.h"
#include "tests/fuzz/targets.h"

namespace xxt::fuzz {
namespace {

void TellPayload(absl::string_view text) {
  const auto message = intake::message_payload::Read(text);
  if (!message.ok()) return;
  const std::string written = intake::message_payload::Write(*message);
  const auto again = intake::message_payload::Read(written);
  XXT_MUST(again.ok() && intake::message_payload::Write(*again) == written);
}

void Payloads(absl::string_view text) {
  if (const auto mail = referral::ReadMailPayload(text)) {
    XXT_MUST(referral::ReadMailPayload(referral::WritePayload(*mail)).has_value());
  }
  if (const auto warning = referral::ReadWarningPayload(text)) {
    XXT_MUST(referral::ReadWarningPayload(referral::WritePayload(*warning)).has_value());
  }
}

void ContactPayload(absl::string_view text) {
  const auto contact = referral::ReadContactPayload(text);
  if (!contact.has_value()) return;
  XXT_MUST(referral::ReadContactPayload(referral::WritePayload(*contact)).has_value());
}

void ReceiptPayload(absl::string_view text) {
  const auto receipt = notification::receipt::ReadPayload(text);
  if (!receipt.ok()) return;
  const std::string written = notification::receipt::WritePayload(*receipt);
  const auto again = notification::receipt::ReadPayload(written);
  XXT_MUST(again.ok() && notification::receipt::WritePayload(*again) == written);
}

}  // namespace

// The first byte says which document the rest is.
bool Document(absl::string_view bytes) {
  using Reader = void (*)(absl::string_view);
  static const Reader kReaders[] = {TellPayload, ReceiptPayload, Payloads, ContactPayload};
  if (bytes.empty()) return false;
  const absl::string_view text = bytes.substr(1);
  // A text that is no JSON ends in an exception, which takes ten times as long as all else: few of them are enough, and
  // the others are no readings.
  if (text.size() % 16 != 0 && !nlohmann::json::accept(text.begin(), text.end())) return false;
  kReaders[static_cast<unsigned char>(bytes[0]) % std::size(kReaders)](text);
  return true;
}

}  // namespace xxt::fuzz
