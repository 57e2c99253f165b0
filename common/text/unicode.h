#ifndef XXT_COMMON_TEXT_UNICODE_H_
#define XXT_COMMON_TEXT_UNICODE_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

// What a text may hold: one rule, for requests at the edge of every service and
// for what a message is made of.
namespace xxt::text {

// Decodes UTF-8 into code points.
// Errors: INVALID_ARGUMENT naming the byte offset of the first malformed sequence.
absl::StatusOr<std::u32string> DecodeUtf8(absl::string_view text);

// True for what may never stand in one line of text: control characters (line breaks too),
// line and paragraph separators, and marks that turn the direction of writing.
bool IsControl(char32_t code_point);

// True if nobody would see anything: empty, or only white space and characters
// without width.
bool IsBlank(const std::u32string& text);

}  // namespace xxt::text

#endif  // XXT_COMMON_TEXT_UNICODE_H_
