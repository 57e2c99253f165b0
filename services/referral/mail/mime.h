#ifndef XXT_SERVICES_REFERRAL_MAIL_MIME_H_
#define XXT_SERVICES_REFERRAL_MAIL_MIME_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/referral/mail/wire.h"

namespace xxt::referral {

// Writes `mail` as an RFC 5322 message: UTF-8 text in base64, subject and
// sender's name as encoded words, lines of at most 76 characters that end in
// CRLF.
// Errors: INVALID_ARGUMENT naming the header if a value holds CR, LF or
// another control character, or an address is not of the form local@domain in
// ASCII.
absl::StatusOr<std::string> WriteMime(const OutboundMail& mail, absl::string_view from_address,
                                      absl::string_view from_name);

}  // namespace xxt::referral

#endif  // XXT_SERVICES_REFERRAL_MAIL_MIME_H_
