#ifndef XXT_COMMON_SMTP_MIME_H_
#define XXT_COMMON_SMTP_MIME_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace xxt::smtp {

// A mail on its way out.
struct Mail {
  std::string message_id;   // without < >; the same for every try of one mail
  std::string in_reply_to;  // without < >; empty: begins a thread
  std::string to;
  std::string subject;
  std::string text;
  absl::Time date;
};

// Writes `mail` as an RFC 5322 message: UTF-8 text in base64, subject and
// sender's name as encoded words, lines of at most 76 characters that end in
// CRLF.
// Errors: INVALID_ARGUMENT naming the header if a value holds CR, LF or
// another control character, or an address is not of the form local@domain in
// ASCII.
absl::StatusOr<std::string> WriteMime(const Mail& mail, absl::string_view from_address, absl::string_view from_name);

}  // namespace xxt::smtp

#endif  // XXT_COMMON_SMTP_MIME_H_
