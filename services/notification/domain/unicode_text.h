#ifndef XXT_SERVICES_NOTIFICATION_DOMAIN_UNICODE_TEXT_H_
#define XXT_SERVICES_NOTIFICATION_DOMAIN_UNICODE_TEXT_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace xxt::notification {

// Decodes UTF-8 into code points.
// Errors: INVALID_ARGUMENT naming the byte offset of the first malformed sequence.
absl::StatusOr<std::u32string> DecodeUtf8(absl::string_view text);

// True for what may never stand in a parameter: control characters (line breaks too),
// line and paragraph separators, and marks that turn the direction of writing.
bool IsControl(char32_t code_point);

}  // namespace xxt::notification

#endif  // XXT_SERVICES_NOTIFICATION_DOMAIN_UNICODE_TEXT_H_
