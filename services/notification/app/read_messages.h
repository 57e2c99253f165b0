#ifndef XXT_SERVICES_NOTIFICATION_APP_READ_MESSAGES_H_
#define XXT_SERVICES_NOTIFICATION_APP_READ_MESSAGES_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/identity/caller.h"
#include "common/pg/session.h"
#include "services/notification/domain/message.h"

namespace xxt::notification::app {

// Errors: NOT_FOUND, OTHER_HALL.
absl::StatusOr<Message> GetMessage(pg::Session& session, const identity::Caller& caller, absl::string_view id);

// One page of what the caller may see, newest first.
struct MessageQuery {
  std::string case_id;  // empty: all
  std::optional<MessageState> state;
  int limit = 50;
  absl::Time before_time = absl::InfiniteFuture();  // the last message of the page before
  std::string before_id;
};
absl::StatusOr<std::vector<Message>> ListMessages(pg::Session& session, const identity::Caller& caller,
                                                  const MessageQuery& query);

}  // namespace xxt::notification::app

#endif  // XXT_SERVICES_NOTIFICATION_APP_READ_MESSAGES_H_
