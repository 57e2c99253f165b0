#ifndef XXT_COMMON_IDENTIFIERS_MAINLAND_NUMBER_H_
#define XXT_COMMON_IDENTIFIERS_MAINLAND_NUMBER_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace xxt::identifiers {

// A telephone number of mainland China, without the country code and the 0 in
// front of an area code: "13800138000", "1060001234".
struct MainlandNumber {
  std::string national;
  bool mobile = false;
};

// Reads the numbers that nearly all are, a hundred times as fast as
// libphonenumber and never otherwise than it: mobile numbers, and land lines of
// areas with eight digits, written "138 0013 8000", "+86 138-0013-8000",
// "010-60001234" or without any mark. nullopt says nothing of the number:
// libphonenumber has to judge. What it knows of numbers changes with its
// versions: mainland_number_test.cc compares both.
std::optional<MainlandNumber> ReadMainlandNumber(absl::string_view text);

}  // namespace xxt::identifiers

#endif  // XXT_COMMON_IDENTIFIERS_MAINLAND_NUMBER_H_
