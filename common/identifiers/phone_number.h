#ifndef XXT_COMMON_IDENTIFIERS_PHONE_NUMBER_H_
#define XXT_COMMON_IDENTIFIERS_PHONE_NUMBER_H_

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace xxt::identifiers {

// Holds a telephone number that can be rung, with its extension if it has one.
//
// Numbers without a country code are read as mainland China's. Personal data: log
// Masked() only; no message made here repeats the number.
class PhoneNumber {
 public:
  // Takes what people write: "138 0013 8000", "(010) 6000-1234", "+86 10 6000 1234 转 8",
  // "分机8", "ext. 8", full-width digits; also the public short numbers in the list of
  // phone_number.cc (114, 12345, ...), which have no E.164 form.
  // Errors: INVALID_ARGUMENT if it is no possible and valid number, or the extension is
  // not one to eight digits.
  static absl::StatusOr<PhoneNumber> Parse(absl::string_view text);

  // E.164 ("+861060001234"), or the bare digits of a short number ("12345").
  const std::string& value() const { return value_; }

  // Digits to dial once connected; empty if none.
  const std::string& extension() const { return extension_; }

  bool is_short() const { return is_short_; }

  // True for numbers that may belong to a mobile telephone. A land line is a valid
  // contact too; it is only never sent a text.
  bool can_receive_sms() const { return can_receive_sms_; }

  // Keeps the country code, three digits and the last four: "+86138****8000". A land
  // line's extension is left out. Short numbers are public and stay whole.
  std::string Masked() const;

  friend bool operator==(const PhoneNumber& a, const PhoneNumber& b) {
    return a.value_ == b.value_ && a.extension_ == b.extension_;
  }

 private:
  PhoneNumber() = default;

  std::string value_;
  std::string extension_;
  std::size_t country_code_digits_ = 0;
  bool is_short_ = false;
  bool can_receive_sms_ = false;
};

}  // namespace xxt::identifiers

#endif  // XXT_COMMON_IDENTIFIERS_PHONE_NUMBER_H_
