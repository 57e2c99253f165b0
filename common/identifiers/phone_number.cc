#include "common/identifiers/phone_number.h"

#include <algorithm>
#include <array>
#include <optional>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/identifiers/mainland_number.h"
#include "phonenumbers/phonenumberutil.h"

namespace xxt::identifiers {
namespace {

using i18n::phonenumbers::PhoneNumberUtil;

constexpr std::size_t kMaxInput = 64;  // bytes; longer than any number with a written extension
constexpr std::size_t kMaxExtension = 8;

// Public service numbers that libphonenumber calls invalid for want of an E.164 form.
// 12xxx: Ministry of Industry and Information Technology, numbering of short public
// service numbers; emergency numbers are left out, nobody is to be reached there.
constexpr std::array<absl::string_view, 13> kShortNumbers = {
    "114",    // directory enquiries
    "12309",  // procuratorate
    "12315",  // consumers
    "12333",  // human resources and social security
    "12338",  // women's rights
    "12345",  // government hotline
    "12348",  // legal aid
    "12355",  // young people
    "12366",  // taxes
    "12367",  // immigration
    "12385",  // disabled persons
    "12388",  // supervision
    "12393",  // medical insurance
};

// Words that stand before an extension; the longer of two with the same start first.
constexpr std::array<absl::string_view, 8> kExtensionWords = {"转分机", "分机号", "分机", "转",
                                                              "轉",     "ext.",   "ext",  "x"};

absl::Status Malformed(absl::string_view why) { return absl::InvalidArgumentError(absl::StrCat("telephone: ", why)); }

struct Split {
  absl::string_view number;
  absl::string_view extension;  // as written, with whatever surrounds the digits
  bool has_extension = false;
};

// Splits "010-6000 1234 转 8" at the word before the extension. `lower` is in lower case.
Split SplitExtension(absl::string_view lower) {
  std::size_t at = absl::string_view::npos;
  std::size_t length = 0;
  for (const absl::string_view word : kExtensionWords) {
    const std::size_t found = lower.find(word);
    if (found < at) {
      at = found;
      length = word.size();
    }
  }
  if (at == absl::string_view::npos) return {lower, {}, false};
  return {lower.substr(0, at), lower.substr(at + length), true};
}

// Folds digits, full-width ones too, and drops the separators between them. Returns
// nullopt if anything else is in there.
std::optional<std::string> FoldDigits(absl::string_view text) {
  static constexpr absl::string_view kFullWidthBlock = "\xEF\xBC";  // U+FF00..U+FF3F
  static constexpr absl::string_view kIdeographicSpace = "\xE3\x80\x80";
  std::string digits;
  while (!text.empty()) {
    const char c = text.front();
    std::size_t length = 1;
    if (absl::ascii_isdigit(static_cast<unsigned char>(c))) {
      digits.push_back(c);
    } else if (absl::StartsWith(text, kFullWidthBlock) && text.size() >= 3) {
      const int value = static_cast<unsigned char>(text[2]) - 0x90;  // U+FF10 is zero, U+FF1A a colon
      if (value < 0 || value > 10) return std::nullopt;
      if (value < 10) digits.push_back(static_cast<char>('0' + value));
      length = 3;
    } else if (absl::StartsWith(text, kIdeographicSpace)) {
      length = kIdeographicSpace.size();
    } else if (absl::string_view(" -.:").find(c) == absl::string_view::npos) {
      return std::nullopt;
    }
    text.remove_prefix(length);
  }
  return digits;
}

}  // namespace

absl::StatusOr<PhoneNumber> PhoneNumber::Parse(absl::string_view text) {
  if (text.size() > kMaxInput) return Malformed("is too long");
  const std::string lower = absl::AsciiStrToLower(absl::StripAsciiWhitespace(text));
  const Split split = SplitExtension(lower);
  PhoneNumber result;
  if (split.has_extension) {
    result.extension_ = FoldDigits(split.extension).value_or("");
    if (result.extension_.empty() || result.extension_.size() > kMaxExtension) {
      return Malformed("extension is not one to eight digits");
    }
  }

  const std::string digits = FoldDigits(split.number).value_or("");
  if (std::find(kShortNumbers.begin(), kShortNumbers.end(), digits) != kShortNumbers.end()) {
    result.value_ = digits;
    result.is_short_ = true;
    return result;
  }

  if (const std::optional<MainlandNumber> known = ReadMainlandNumber(split.number); known.has_value()) {
    result.value_ = absl::StrCat("+86", known->national);
    result.country_code_digits_ = 2;
    result.can_receive_sms_ = known->mobile;
    return result;
  }

  const PhoneNumberUtil& util = *PhoneNumberUtil::GetInstance();
  i18n::phonenumbers::PhoneNumber number;
  if (util.Parse(std::string(split.number), "CN", &number) != PhoneNumberUtil::NO_PARSING_ERROR) {
    return Malformed("is not a number");
  }
  if (!util.IsValidNumber(number)) return Malformed("is not a number that exists");
  // "6000 1234#8" and the like: libphonenumber knows some marks of its own.
  if (number.has_extension()) {
    if (split.has_extension || number.extension().size() > kMaxExtension) return Malformed("has two extensions");
    result.extension_ = number.extension();
    number.clear_extension();
  }
  util.Format(number, PhoneNumberUtil::E164, &result.value_);
  result.country_code_digits_ = absl::StrCat(number.country_code()).size();
  const PhoneNumberUtil::PhoneNumberType type = util.GetNumberType(number);
  result.can_receive_sms_ = type == PhoneNumberUtil::MOBILE || type == PhoneNumberUtil::FIXED_LINE_OR_MOBILE;
  return result;
}

std::string PhoneNumber::Masked() const {
  if (is_short_) return value_;
  const absl::string_view number = value_;
  const std::size_t kept_in_front = std::min(1 + country_code_digits_ + 3, number.size());
  const std::size_t kept_at_end = std::min<std::size_t>(4, number.size() - kept_in_front);
  const std::size_t hidden = number.size() - kept_in_front - kept_at_end;
  return absl::StrCat(number.substr(0, kept_in_front), std::string(hidden, '*'),
                      number.substr(number.size() - kept_at_end));
}

}  // namespace xxt::identifiers
