#include "common/identifiers/display_code.h"

#include <cstddef>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace xxt::identifiers {
namespace {

constexpr absl::string_view kShape = "0000-00-000000-0";
constexpr int kProvince = 10'000;
constexpr int kMaxSerial = 999'999;

// H. M. Damm, "Total anti-symmetrische Quasigruppen" (2004). The property that matters
// is tested over the whole table.
constexpr int kDamm[10][10] = {{0, 3, 1, 7, 5, 9, 8, 6, 4, 2}, {7, 0, 9, 2, 1, 5, 4, 8, 6, 3},
                               {4, 2, 0, 6, 8, 7, 1, 3, 5, 9}, {1, 7, 5, 0, 9, 8, 3, 4, 2, 6},
                               {6, 1, 2, 3, 0, 4, 5, 9, 7, 8}, {3, 6, 7, 4, 2, 0, 9, 5, 8, 1},
                               {5, 8, 6, 9, 7, 2, 0, 1, 3, 4}, {8, 9, 4, 5, 3, 6, 2, 0, 1, 7},
                               {9, 4, 3, 8, 6, 1, 7, 2, 0, 5}, {2, 5, 8, 1, 4, 3, 6, 7, 9, 0}};

// The check digit of the digits of `text`; 0 if their last is the right one.
int CheckDigit(absl::string_view text) {
  int interim = 0;
  for (const char c : text) {
    if (absl::ascii_isdigit(static_cast<unsigned char>(c))) interim = kDamm[interim][c - '0'];
  }
  return interim;
}

}  // namespace

absl::StatusOr<std::string> MakeDisplayCode(int division, int year, int serial) {
  if (division < 100'000 || division > 999'999) {
    return absl::InvalidArgumentError(absl::StrCat("display code: division ", division, " has not six digits"));
  }
  if (serial < 1 || serial > kMaxSerial) {
    return absl::InvalidArgumentError(absl::StrCat("display code: serial ", serial, " is not in 1..999999"));
  }
  const std::string body = absl::StrFormat("%04d-%02d-%06d", division % kProvince, year % 100, serial);
  return absl::StrCat(body, "-", CheckDigit(body));
}

bool IsDisplayCode(absl::string_view code) {
  if (code.size() != kShape.size()) return false;
  for (std::size_t i = 0; i < kShape.size(); ++i) {
    const bool is_digit = absl::ascii_isdigit(static_cast<unsigned char>(code[i]));
    if (kShape[i] == '-' ? code[i] != '-' : !is_digit) return false;
  }
  return CheckDigit(code) == 0;
}

}  // namespace xxt::identifiers
