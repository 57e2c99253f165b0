#ifndef XXT_SERVICES_NOTIFICATION_TEMPLATE_SMS_RULES_H_
#define XXT_SERVICES_NOTIFICATION_TEMPLATE_SMS_RULES_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace xxt::notification {

// Alphabet a text message is sent in (3GPP TS 23.038).
enum class SmsEncoding {
  kGsm7,  // 160 characters in one part, 153 in each of several
  kUcs2,  // 70 and 67; any Chinese character asks for it
};

// What a text costs to send.
struct SmsSize {
  SmsEncoding encoding = SmsEncoding::kGsm7;
  // Septets or UTF-16 units; extension characters of GSM 7-bit and characters outside
  // the basic plane count as two and are never split over parts.
  int units = 0;
  // 0 for the empty text.
  int parts = 0;
};

// Measures `text`, signature included.
// Errors: INVALID_ARGUMENT if it is not UTF-8.
absl::StatusOr<SmsSize> MeasureSms(absl::string_view text);

// Checks that `text` may travel as a text message: identity data never does.
//
// Refuses 15 or more digits in a row (old identity numbers, bank cards), full-width ones
// too, and a valid identity number even if spaces or dashes are strewn over it.
// Telephone numbers, dates and display codes pass.
// Errors: INVALID_ARGUMENT, not repeating the text.
absl::Status CheckSmsContent(absl::string_view text);

}  // namespace xxt::notification

#endif  // XXT_SERVICES_NOTIFICATION_TEMPLATE_SMS_RULES_H_
