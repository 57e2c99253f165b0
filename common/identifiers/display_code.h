#ifndef XXT_COMMON_IDENTIFIERS_DISPLAY_CODE_H_
#define XXT_COMMON_IDENTIFIERS_DISPLAY_CODE_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"

namespace xxt::identifiers {

// Short code of a case, made to be read out on the telephone: "016-1123-000042-1" is
// window 016, 23 November, the 42nd case, check digit 1.
//
// The check digit is ISO 7064 MOD 11,10 over the 13 digits. A code repeats after a year:
// it finds a case together with a year or an open state, it does not identify one.

// Returns the code of the `serial`-th case of `hall_number` on `day`.
// Errors: INVALID_ARGUMENT unless 0 <= hall_number <= 999 and 1 <= serial <= 999999.
absl::StatusOr<std::string> MakeDisplayCode(int hall_number, absl::CivilDay day, int serial);

// True if `code` has the exact form, a day that exists in some year, and the right
// check digit.
bool IsDisplayCode(absl::string_view code);

}  // namespace xxt::identifiers

#endif  // XXT_COMMON_IDENTIFIERS_DISPLAY_CODE_H_
