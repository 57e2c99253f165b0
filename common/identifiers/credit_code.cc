#include "common/identifiers/credit_code.h"

#include <array>
#include <cstddef>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"

namespace xxt::identifiers {
namespace {

constexpr std::size_t kLength = 18;
constexpr absl::string_view kAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY";
// GB 32100-2015, 6: 3^(i-1) mod 31.
constexpr std::array<std::size_t, kLength - 1> kWeights = {1,  3,  9,  27, 19, 26, 16, 17, 20,
                                                           29, 25, 13, 8,  24, 10, 30, 28};

}  // namespace

absl::StatusOr<CreditCode> CreditCode::Parse(absl::string_view text) {
  std::string value(absl::StripAsciiWhitespace(text));
  absl::AsciiStrToUpper(&value);
  if (value.size() != kLength) return absl::InvalidArgumentError("social credit code: must have 18 characters");
  std::size_t sum = 0;
  for (std::size_t i = 0; i < kLength; ++i) {
    const std::size_t digit = kAlphabet.find(value[i]);
    if (digit == absl::string_view::npos) {
      return absl::InvalidArgumentError("social credit code: must be digits and letters other than I, O, S, V, Z");
    }
    if (i < kWeights.size()) sum += digit * kWeights[i];
  }
  if (value.back() != kAlphabet[(31 - sum % 31) % 31]) {
    return absl::InvalidArgumentError("social credit code: check character does not fit");
  }
  return CreditCode(std::move(value));
}

}  // namespace xxt::identifiers
