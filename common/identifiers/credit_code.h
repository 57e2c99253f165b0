#ifndef XXT_COMMON_IDENTIFIERS_CREDIT_CODE_H_
#define XXT_COMMON_IDENTIFIERS_CREDIT_CODE_H_

#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace xxt::identifiers {

// Holds a unified social credit code (统一社会信用代码, GB 32100) known to be well formed.
class CreditCode {
 public:
  // Takes 18 characters, spaces around them and lower case allowed.
  // Errors: INVALID_ARGUMENT if the length, a character (there is no I O S V Z) or the
  // check character is wrong.
  static absl::StatusOr<CreditCode> Parse(absl::string_view text);

  // All 18 characters in upper case.
  const std::string& value() const { return value_; }

  friend bool operator==(const CreditCode& a, const CreditCode& b) { return a.value_ == b.value_; }

 private:
  explicit CreditCode(std::string value) : value_(std::move(value)) {}

  std::string value_;
};

}  // namespace xxt::identifiers

#endif  // XXT_COMMON_IDENTIFIERS_CREDIT_CODE_H_
