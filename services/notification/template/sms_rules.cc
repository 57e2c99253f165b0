#include "services/notification/template/sms_rules.h"

#include <cstddef>
#include <string>
#include <string_view>

#include "common/identifiers/resident_id.h"
#include "common/text/unicode.h"

namespace xxt::notification {
namespace {

// 3GPP TS 23.038, 6.2.1: the basic alphabet, without the escape.
constexpr char32_t kGsm7Basic[] =
    U"@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    U"¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
// Sent as escape and character: two septets.
constexpr char32_t kGsm7Extension[] = U"\f^{}\\[~]|€";

constexpr int kGsm7Single = 160;
constexpr int kGsm7Each = 153;
constexpr int kUcs2Single = 70;
constexpr int kUcs2Each = 67;

// 11 for a mobile number, 13 with its country code, 13 for a display code without dashes.
constexpr std::size_t kShortestRefusedRun = 15;
constexpr std::size_t kIdentityLength = 18;

// Units that one character takes.
int Gsm7Units(char32_t c) {
  if (std::u32string_view(kGsm7Basic).find(c) != std::u32string_view::npos) return 1;
  if (std::u32string_view(kGsm7Extension).find(c) != std::u32string_view::npos) return 2;
  return 0;
}
int Ucs2Units(char32_t c) { return c > 0xFFFF ? 2 : 1; }

SmsSize Measure(const std::u32string& text, SmsEncoding encoding) {
  const bool gsm7 = encoding == SmsEncoding::kGsm7;
  const int single = gsm7 ? kGsm7Single : kUcs2Single;
  const int each = gsm7 ? kGsm7Each : kUcs2Each;
  SmsSize size{encoding, 0, text.empty() ? 0 : 1};
  int in_part = 0;
  for (const char32_t c : text) {
    const int units = gsm7 ? Gsm7Units(c) : Ucs2Units(c);
    size.units += units;
    if (in_part + units > each) {
      ++size.parts;
      in_part = 0;
    }
    in_part += units;
  }
  if (size.units <= single && size.parts > 1) size.parts = 1;
  return size;
}

// Folds full-width digits and letters to ASCII; other characters outside ASCII to '?'.
char Fold(char32_t c) {
  if (c >= 0xFF01 && c <= 0xFF5E) c -= 0xFEE0;
  return c < 0x80 ? static_cast<char>(c) : '?';
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

bool HasLongDigitRun(const std::string& folded) {
  std::size_t run = 0;
  for (const char c : folded) {
    run = IsDigit(c) ? run + 1 : 0;
    if (run >= kShortestRefusedRun) return true;
  }
  return false;
}

// True if 18 characters in a row, separators left out, are a valid identity number.
bool HasIdentityNumber(const std::string& folded) {
  std::string joined;
  for (const char c : folded) {
    if (c != ' ' && c != '-' && c != '.') joined.push_back(c);
  }
  for (std::size_t i = 0; i + kIdentityLength <= joined.size(); ++i) {
    if (!IsDigit(joined[i])) continue;
    // Born whenever: a date in the future is as likely a slip as a number of no person.
    if (identifiers::ResidentId::Parse(joined.substr(i, kIdentityLength), absl::CivilDay::max()).ok()) return true;
  }
  return false;
}

}  // namespace

absl::StatusOr<SmsSize> MeasureSms(absl::string_view text) {
  const absl::StatusOr<std::u32string> decoded = text::DecodeUtf8(text);
  if (!decoded.ok()) return decoded.status();
  for (const char32_t c : *decoded) {
    if (Gsm7Units(c) == 0) return Measure(*decoded, SmsEncoding::kUcs2);
  }
  return Measure(*decoded, SmsEncoding::kGsm7);
}

absl::Status CheckSmsContent(absl::string_view text) {
  const absl::StatusOr<std::u32string> decoded = text::DecodeUtf8(text);
  if (!decoded.ok()) return decoded.status();
  std::string folded;
  for (const char32_t c : *decoded) folded.push_back(Fold(c));
  if (HasIdentityNumber(folded)) return absl::InvalidArgumentError("sms: the text holds an identity number");
  if (HasLongDigitRun(folded)) return absl::InvalidArgumentError("sms: the text holds 15 or more digits in a row");
  return absl::OkStatus();
}

}  // namespace xxt::notification
