#ifndef XXT_COMMON_IDENTIFIERS_DISPLAY_CODE_H_
#define XXT_COMMON_IDENTIFIERS_DISPLAY_CODE_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace xxt::identifiers {

// Code of a case, made to be read out on the telephone: "0102-26-000042-1" is the 42nd
// number of 2026 in division 110102 (GB/T 2260, without the province), check digit 1.
//
// The check digit is Damm's over the 12 digits: it finds every single wrong digit and
// every swap of two neighbours.

// Returns the code of `serial` in `division` and `year`.
// Errors: INVALID_ARGUMENT unless 100000 <= division <= 999999 and 1 <= serial <= 999999.
absl::StatusOr<std::string> MakeDisplayCode(int division, int year, int serial);

// True if `code` has the exact form and the right check digit.
bool IsDisplayCode(absl::string_view code);

}  // namespace xxt::identifiers

#endif  // XXT_COMMON_IDENTIFIERS_DISPLAY_CODE_H_
