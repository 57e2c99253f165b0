#ifndef XXT_SERVICES_NOTIFICATION_MESSAGE_DELIVERY_H_
#define XXT_SERVICES_NOTIFICATION_MESSAGE_DELIVERY_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/pg/session.h"
#include "services/notification/message/delivery_rules.h"
#include "xixinting/common/v1/common.pb.h"
#include "xixinting/notification/v1/message.pb.h"

namespace xxt::notification {
namespace v1 = ::xixinting::notification::v1;
namespace common = ::xixinting::common::v1;
}  // namespace xxt::notification

// The tries of a message, oldest first in it.
namespace xxt::notification::message {

// The one that counts: the last one. There always is one.
v1::Delivery& Current(v1::Message& message);
const v1::Delivery& Current(const v1::Message& message);

// The one with this id; nullptr if it is another message's.
v1::Delivery* Find(v1::Message& message, absl::string_view id);

// Adds one that was not made yet. Those before it stay where they are.
v1::Delivery& Add(v1::Message& message, std::string id, common::Channel channel, absl::Time now);

// Whether a person works the channel, through a task of the desk.
bool IsByPerson(common::Channel channel);

// As the rules have it.
DeliveryState StateOf(const v1::Delivery& delivery);

// True while nobody outside can have it: to whom it goes, and whether, may still change.
bool IsUntouched(const v1::Delivery& delivery);

// Whether they may have it from a try that nobody knows the end of: only people go on then, who can ask first.
bool MayHaveArrived(const v1::Message& message);

// Joins `news` into the try's state (delivery_rules.h).
Advance Reach(v1::Delivery& delivery, DeliveryState news);

// The same, where it is now known what became of it.
void Note(v1::Delivery& delivery, DeliveryState news, FailureKind failure, std::string detail, absl::Time now);

// What the message's bytes cannot say: whose a try is, for who knows its id alone,
// and since when it is in flight, by the database's clock. By hand, for it is no
// resource. `message` is the message's id.
namespace flight {

// Queues the rows of a message's tries. Since when one is in flight is set with the
// first row that says that it is, and lost with the first that says that it is not.
void Save(pg::Session& session, absl::string_view message, const v1::Message& of);

// The name of the message that has this try. Errors: RESOURCE_NOT_FOUND.
absl::StatusOr<std::string> MessageOf(pg::Session& session, absl::string_view delivery);

// How long it has been in flight; zero if it is not.
absl::StatusOr<absl::Duration> For(pg::Session& session, absl::string_view delivery);

}  // namespace flight

}  // namespace xxt::notification::message

#endif  // XXT_SERVICES_NOTIFICATION_MESSAGE_DELIVERY_H_
