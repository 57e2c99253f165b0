#ifndef XXT_TOOLS_XXT_EXPECT_H_
#define XXT_TOOLS_XXT_EXPECT_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "tools/xxt/convert.h"

// What a scenario expects of an answer. What it does not mention may be
// anything.
namespace xxt::cli {

// How `actual` differs from `expected`, a line per difference; empty if it
// matches.
//
//   "*"         anything that is set
//   "~REGEX"    text in which the expression (RE2) is found
//   "!unset"    not set, or empty
//   {$size: 3}  a list, text or object of that size; also ">=3" and "<=3"
//   {$any: X}   a list of which some item matches X
//   {$none: X}  a list of which no item matches X
//   [X, Y]      a list with items that match X and then Y, others between them
//   0, false, "", [] and …_UNSPECIFIED also match what is not set
std::vector<std::string> Mismatches(const Json& expected, const Json& actual);

// How `status` differs from {code: FAILED_PRECONDITION, reason: X, fields: [a]}.
std::vector<std::string> ErrorMismatches(const Json& expected, const absl::Status& status);

}  // namespace xxt::cli

#endif  // XXT_TOOLS_XXT_EXPECT_H_
