#ifndef XXT_SERVICES_NOTIFICATION_STORAGE_MESSAGE_DOC_H_
#define XXT_SERVICES_NOTIFICATION_STORAGE_MESSAGE_DOC_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "services/notification/domain/message.h"

// What of a message is stored as JSON. Holds personal data.
namespace xxt::notification::message_doc {

// All that has no column.
std::string Write(const Message& message);

// Fills `message` from what Write wrote. Errors: INTERNAL if it has another
// shape; `message` is then of no use.
absl::Status Read(absl::string_view doc, Message* message);

// The same with its deliveries, as the view whole_messages lists them.
absl::Status ReadDeliveries(absl::string_view list, Message* message);

}  // namespace xxt::notification::message_doc

#endif  // XXT_SERVICES_NOTIFICATION_STORAGE_MESSAGE_DOC_H_
