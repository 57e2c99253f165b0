#include "services/intake/cases/open_words_rules.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace xxt::intake {
namespace {

constexpr std::size_t kLongNumber = 7;  // digits of the shortest telephone number in a city
// A name of one character is in every other word.
constexpr std::size_t kShortestName = 4;  // bytes: two characters of Chinese have six

constexpr std::size_t kDay = 8;  // "20260302", "2026-03-02"

bool IsDay(absl::string_view digits) {
  return digits.size() == kDay && (absl::StartsWith(digits, "19") || absl::StartsWith(digits, "20"));
}

// As people write them: with spaces or dashes between, and full-width.
bool HoldsLongNumber(absl::string_view text) {
  const std::string plain = absl::StrReplaceAll(text, {{"０", "0"},
                                                       {"１", "1"},
                                                       {"２", "2"},
                                                       {"３", "3"},
                                                       {"４", "4"},
                                                       {"５", "5"},
                                                       {"６", "6"},
                                                       {"７", "7"},
                                                       {"８", "8"},
                                                       {"９", "9"},
                                                       {"－", "-"},
                                                       {"　", " "}});
  std::string digits;
  for (const char c : absl::StrCat(plain, "\n")) {
    if (absl::ascii_isdigit(static_cast<unsigned char>(c))) {
      digits += c;
    } else if (!absl::StrContains(" -.()", absl::string_view(&c, 1))) {
      if (digits.size() >= kLongNumber && !IsDay(digits)) return true;
      digits.clear();
    }
  }
  return false;
}

}  // namespace

bool NamesPeople(absl::string_view text, const std::vector<std::string>& names) {
  return std::any_of(names.begin(), names.end(), [text](const std::string& name) {
    return name.size() >= kShortestName && absl::StrContains(text, name);
  });
}

bool TellsOfPeople(absl::string_view text, const std::vector<std::string>& names) {
  return HoldsLongNumber(text) || NamesPeople(text, names);
}

}  // namespace xxt::intake
