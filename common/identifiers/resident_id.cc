#include "common/identifiers/resident_id.h"

#include <array>
#include <cstddef>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace xxt::identifiers {
namespace {

constexpr std::size_t kLength = 18;
// GB 11643-1999, 4.2: weights of the first 17 digits, and the check character by remainder.
constexpr std::array<int, kLength - 1> kWeights = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
constexpr absl::string_view kCheckCharacters = "10X98765432";

char CheckCharacter(absl::string_view digits) {
  int sum = 0;
  for (std::size_t i = 0; i < kWeights.size(); ++i) sum += (digits[i] - '0') * kWeights[i];
  return kCheckCharacters[static_cast<std::size_t>(sum % 11)];
}

absl::Status Malformed(absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat("resident identity number: ", why));
}

}  // namespace

absl::StatusOr<ResidentId> ResidentId::Parse(absl::string_view text, absl::CivilDay today) {
  std::string value(absl::StripAsciiWhitespace(text));
  absl::AsciiStrToUpper(&value);
  if (value.size() != kLength) return Malformed("must have 18 characters");
  for (std::size_t i = 0; i < kLength; ++i) {
    const bool may_be_x = i == kLength - 1 && value[i] == 'X';
    if (!absl::ascii_isdigit(static_cast<unsigned char>(value[i])) && !may_be_x) {
      return Malformed("must be 17 digits and a digit or X");
    }
  }
  if (value.back() != CheckCharacter(value)) return Malformed("check digit does not fit");

  absl::CivilDay birth_day;
  const std::string date = absl::StrCat(value.substr(6, 4), "-", value.substr(10, 2), "-", value.substr(12, 2));
  if (!absl::ParseCivilTime(date, &birth_day) || absl::FormatCivilTime(birth_day) != date) {
    return Malformed("birth date is not a date");
  }
  if (birth_day > today) return Malformed("birth date is in the future");
  return ResidentId(std::move(value), birth_day);
}

std::string ResidentId::Masked() const { return absl::StrCat(value_.substr(0, 3), "***********", value_.substr(14)); }

}  // namespace xxt::identifiers
