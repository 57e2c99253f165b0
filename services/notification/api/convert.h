#ifndef XXT_SERVICES_NOTIFICATION_API_CONVERT_H_
#define XXT_SERVICES_NOTIFICATION_API_CONVERT_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "services/notification/app/create_message.h"
#include "services/notification/domain/message.h"
#include "xixinting/notification/v1/message.pb.h"

// proto ⇄ domain.
namespace xxt::notification::api {

namespace v1 = ::xixinting::notification::v1;

// Errors: FIELD_INVALID naming what the proto's rules cannot say: a telephone
// number, an id.
absl::StatusOr<app::NewMessage> FromProto(const v1::Message& proto);

// The same of a recipient alone.
absl::StatusOr<Recipient> FromProto(const v1::Recipient& proto);

// The id in a name like "messages/{uuid}", the value of field `field`.
// Errors: FIELD_INVALID.
absl::StatusOr<std::string> IdFrom(const std::string& name, absl::string_view collection, const std::string& field);

// nullopt for STATE_UNSPECIFIED.
std::optional<MessageState> FromProto(v1::Message::State state);

// The telephone number is masked; what was not asked for yet has no name.
void ToProto(const Message& message, absl::Time now, v1::Message* proto);
// As lists answer it.
void ToListProto(const Message& message, absl::Time now, v1::Message* proto);

}  // namespace xxt::notification::api

#endif  // XXT_SERVICES_NOTIFICATION_API_CONVERT_H_
