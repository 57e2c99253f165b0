#ifndef XXT_COMMON_TEXT_CUT_H_
#define XXT_COMMON_TEXT_CUT_H_

#include <cstddef>

#include "absl/strings/string_view.h"

namespace xxt::text {

// The beginning of a UTF-8 text, of at most `most` bytes and whole characters.
absl::string_view CutAt(std::size_t most, absl::string_view text);

}  // namespace xxt::text

#endif  // XXT_COMMON_TEXT_CUT_H_
