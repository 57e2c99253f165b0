#ifndef XXT_SERVICES_NOTIFICATION_STORAGE_MESSAGE_STORE_H_
#define XXT_SERVICES_NOTIFICATION_STORAGE_MESSAGE_STORE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/identity/hall_scope.h"
#include "common/pg/session.h"
#include "services/notification/domain/message.h"

// Messages with their deliveries. Errors beyond those named: the session's.
namespace xxt::notification::message_store {

// Stores a new message with its deliveries. False, storing nothing, if the case
// has one for this event and audience; a concurrent twin is waited for.
absl::StatusOr<bool> Insert(pg::Session& session, const Message& message);

// Errors: NOT_FOUND.
absl::StatusOr<Message> Load(pg::Session& session, absl::string_view id);
absl::StatusOr<Message> LoadForUpdate(pg::Session& session, absl::string_view id);
absl::StatusOr<Message> LoadByEvent(pg::Session& session, absl::string_view case_id, absl::string_view event,
                                    absl::string_view audience);
// The id of the message that has this delivery, and its hall, of messages whose
// words cannot be read, too.
absl::StatusOr<std::string> IdByDelivery(pg::Session& session, absl::string_view delivery_id);
absl::StatusOr<std::string> HallOf(pg::Session& session, absl::string_view id);
// The message that has this delivery.
absl::StatusOr<Message> LoadForUpdateByDelivery(pg::Session& session, absl::string_view delivery_id);

// The other messages of the message's case and topic, by id. Until this
// transaction ends, nobody else gets an answer about that topic.
struct Revision {
  std::string id;
  std::int64_t revision = 0;
};
absl::StatusOr<std::vector<Revision>> OthersOfTopic(pg::Session& session, const Message& message);

// The case's messages to this audience that are not over, by id: who changes
// several locks them in this order.
absl::StatusOr<std::vector<std::string>> OpenOfAudience(pg::Session& session, absl::string_view case_id,
                                                        absl::string_view audience);

// Queues the change of a message that was loaded for update, and of its
// deliveries, new ones included.
void Save(pg::Session& session, const Message& message);

struct Filter {
  identity::HallScope halls;  // of which halls
  std::string case_id;        // empty: all
  std::optional<MessageState> state;
  int limit = 50;
  absl::Time before_time = absl::InfiniteFuture();  // keyset: (create_time, id) before this
  std::string before_id;
};
// Newest first.
absl::StatusOr<std::vector<Message>> List(pg::Session& session, const Filter& filter);

}  // namespace xxt::notification::message_store

#endif  // XXT_SERVICES_NOTIFICATION_STORAGE_MESSAGE_STORE_H_
