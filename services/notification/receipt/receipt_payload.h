#ifndef XXT_SERVICES_NOTIFICATION_RECEIPT_RECEIPT_PAYLOAD_H_
#define XXT_SERVICES_NOTIFICATION_RECEIPT_RECEIPT_PAYLOAD_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/notification/channel/gateway_answers.h"

namespace xxt::notification::receipt {

// What a task needs to follow a receipt later: whose it is, and what it says.
std::string WritePayload(const Receipt& receipt);

// Errors: INTERNAL if `payload` is not what WritePayload makes.
absl::StatusOr<Receipt> ReadPayload(absl::string_view payload);

}  // namespace xxt::notification::receipt

#endif  // XXT_SERVICES_NOTIFICATION_RECEIPT_RECEIPT_PAYLOAD_H_
