#ifndef XXT_COMMON_IDENTIFIERS_ANSWER_CODE_H_
#define XXT_COMMON_IDENTIFIERS_ANSWER_CODE_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"

namespace xxt::identifiers {

// Marks an e-mail to a body, so that its answer finds the referral: "XXT-ABCD1234K".
//
// Eight characters of Crockford's base32 (no I L O U) from 40 random bits, and a check
// character over the same alphabet (ISO 7064 hybrid MOD 33,32). It tells where an answer
// belongs; it does not prove who sent it.
class AnswerCode {
 public:
  // Returns a new random code.
  static AnswerCode New();

  // Returns the code of these 40 bits.
  static AnswerCode FromBytes(const std::array<std::uint8_t, 5>& bytes);

  // "XXT-" and nine characters.
  const std::string& text() const { return text_; }

  friend bool operator==(const AnswerCode& a, const AnswerCode& b) { return a.text_ == b.text_; }

 private:
  friend std::optional<AnswerCode> FindAnswerCode(absl::string_view text);

  explicit AnswerCode(std::string text) : text_(std::move(text)) {}

  std::string text_;
};

// Finds the first code with a fitting check character in an e-mail's subject (UTF-8).
//
// Forgives what people and mail programs do to it: words and brackets around, "Re:" or
// 回复：, full-width letters and digits, lower case, spaces or another kind of dash between
// XXT and the code, O for 0 and I or L for 1. Returns nullopt if there is none.
std::optional<AnswerCode> FindAnswerCode(absl::string_view text);

}  // namespace xxt::identifiers

#endif  // XXT_COMMON_IDENTIFIERS_ANSWER_CODE_H_
