#include "common/identifiers/display_code.h"

#include <cstddef>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/identifiers/check_character.h"

namespace xxt::identifiers {
namespace {

constexpr absl::string_view kShape = "000-0000-000000-0";
constexpr int kMaxHallNumber = 999;
constexpr int kMaxSerial = 999'999;
constexpr int kLeapYear = 2000;  // every day of every year exists in it

// Returns the digits of `text`, without its dashes.
std::vector<int> DigitsOf(absl::string_view text) {
  std::vector<int> digits;
  for (const char c : text) {
    if (absl::ascii_isdigit(static_cast<unsigned char>(c))) digits.push_back(c - '0');
  }
  return digits;
}

}  // namespace

absl::StatusOr<std::string> MakeDisplayCode(int hall_number, absl::CivilDay day, int serial) {
  if (hall_number < 0 || hall_number > kMaxHallNumber) {
    return absl::InvalidArgumentError(absl::StrCat("display code: hall number ", hall_number, " is not in 0..999"));
  }
  if (serial < 1 || serial > kMaxSerial) {
    return absl::InvalidArgumentError(absl::StrCat("display code: serial ", serial, " is not in 1..999999"));
  }
  const std::string body = absl::StrFormat("%03d-%02d%02d-%06d", hall_number, day.month(), day.day(), serial);
  return absl::StrCat(body, "-", HybridCheckValue(DigitsOf(body), 10));
}

bool IsDisplayCode(absl::string_view code) {
  if (code.size() != kShape.size()) return false;
  for (std::size_t i = 0; i < kShape.size(); ++i) {
    const bool is_digit = absl::ascii_isdigit(static_cast<unsigned char>(code[i]));
    if (kShape[i] == '-' ? code[i] != '-' : !is_digit) return false;
  }
  const std::vector<int> digits = DigitsOf(code);
  const int month = digits[3] * 10 + digits[4];
  const int day = digits[5] * 10 + digits[6];
  const absl::CivilDay normalised(kLeapYear, month, day);
  if (normalised.month() != month || normalised.day() != day) return false;
  return HybridCheckValue(absl::MakeConstSpan(digits).first(digits.size() - 1), 10) == digits.back();
}

}  // namespace xxt::identifiers
