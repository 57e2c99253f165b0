#ifndef XXT_SERVICES_NOTIFICATION_STORAGE_NAMES_H_
#define XXT_SERVICES_NOTIFICATION_STORAGE_NAMES_H_

#include "absl/strings/string_view.h"
#include "services/notification/domain/message.h"

// How states, channels and failures are spelled in the database. A word that is
// none of them, which the tables' checks rule out, reads as the first value.
namespace xxt::notification {

// "SMS" or "PHONE".
absl::string_view StoredName(Channel channel);
// "TEMPORARY", ...; empty for none.
absl::string_view StoredName(FailureKind failure);

MessageState MessageStateFrom(absl::string_view name);
DeliveryState DeliveryStateFrom(absl::string_view name);
FailureKind FailureFrom(absl::string_view name);
Channel ChannelFrom(absl::string_view name);

}  // namespace xxt::notification

#endif  // XXT_SERVICES_NOTIFICATION_STORAGE_NAMES_H_
