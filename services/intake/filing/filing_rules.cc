#include "services/intake/filing/filing_rules.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"

namespace xxt::intake {
namespace {

constexpr std::size_t kLongNumber = 7;  // digits of the shortest telephone number in a city
// A name of one character is in every other word.
constexpr std::size_t kShortestName = 4;  // bytes: two characters of Chinese have six

bool HoldsLongNumber(absl::string_view text) {
  std::size_t digits = 0;
  return std::any_of(text.begin(), text.end(), [&digits](char c) {
    digits = absl::ascii_isdigit(static_cast<unsigned char>(c)) ? digits + 1 : 0;
    return digits >= kLongNumber;
  });
}

}  // namespace

bool TellsOfPeople(absl::string_view text, const std::vector<std::string>& names) {
  return HoldsLongNumber(text) || std::any_of(names.begin(), names.end(), [text](const std::string& name) {
           return name.size() >= kShortestName && absl::StrContains(text, name);
         });
}

}  // namespace xxt::intake
