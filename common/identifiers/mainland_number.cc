#include "common/identifiers/mainland_number.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/strip.h"

namespace xxt::identifiers {
namespace {

// Areas whose numbers have eight digits, as libphonenumber has them.
constexpr std::array<absl::string_view, 50> kAreas = {
    "10",  "20",  "21",  "22",  "23",  "24",  "25",  "27",  "28",  "29",  "311", "371", "377",
    "379", "411", "431", "432", "451", "510", "511", "512", "513", "514", "515", "516", "517",
    "518", "519", "523", "527", "531", "532", "551", "571", "573", "574", "575", "576", "577",
    "579", "591", "595", "731", "755", "757", "760", "769", "791", "871", "898"};

bool IsDigit(char c) { return absl::ascii_isdigit(static_cast<unsigned char>(c)); }

// The digits of "138 0013-8000": with at most one blank or hyphen between two of them.
std::optional<std::string> DigitsOf(absl::string_view text) {
  std::string digits;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (IsDigit(text[i])) {
      digits.push_back(text[i]);
    } else if (const bool between = i > 0 && i + 1 < text.size() && IsDigit(text[i - 1]) && IsDigit(text[i + 1]);
               !between || (text[i] != ' ' && text[i] != '-')) {
      return std::nullopt;
    }
  }
  return digits;
}

bool IsOneOf(char c, absl::string_view set) { return set.find(c) != absl::string_view::npos; }

// The second and third digit say whether there are such numbers.
bool IsMobile(absl::string_view national) {
  if (national.size() != 11 || national[0] != '1') return false;
  switch (national[1]) {
    case '3':
    case '8':
      return true;
    case '4':
      return IsOneOf(national[2], "57");
    case '5':
    case '9':
      return IsOneOf(national[2], "012356789");
    case '6':
      return IsOneOf(national[2], "2567");
    case '7':
      return IsOneOf(national[2], "01235678");
    default:
      return false;
  }
}

// Of the first digits that a subscriber's number may have only those that are free of exceptions.
bool IsLandLine(absl::string_view national) {
  return std::any_of(kAreas.begin(), kAreas.end(), [national](absl::string_view area) {
    return national.size() == area.size() + 8 && absl::StartsWith(national, area) &&
           IsOneOf(national[area.size()], "234567");
  });
}

}  // namespace

std::optional<MainlandNumber> ReadMainlandNumber(absl::string_view text) {
  text = absl::StripTrailingAsciiWhitespace(text);
  const bool abroad = absl::ConsumePrefix(&text, "+");
  const std::optional<std::string> digits = DigitsOf(text);
  if (!digits.has_value()) return std::nullopt;
  absl::string_view national = *digits;
  if (abroad && !absl::ConsumePrefix(&national, "86")) return std::nullopt;
  if (IsMobile(national)) return MainlandNumber{std::string(national), true};
  if (!abroad && !absl::ConsumePrefix(&national, "0")) return std::nullopt;
  if (IsLandLine(national)) return MainlandNumber{std::string(national), false};
  return std::nullopt;
}

}  // namespace xxt::identifiers
