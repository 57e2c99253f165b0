#include "services/notification/app/read_messages.h"

#include "common/status/macros.h"
#include "services/notification/storage/message_store.h"

namespace xxt::notification::app {

absl::StatusOr<Message> GetMessage(pg::Session& session, const identity::Caller& caller, absl::string_view id) {
  XXT_ASSIGN_OR_RETURN(Message message, message_store::Load(session, id));
  XXT_RETURN_IF_ERROR(identity::CheckHall(caller, message.hall, message.name()));
  return message;
}

absl::StatusOr<std::vector<Message>> ListMessages(pg::Session& session, const identity::Caller& caller,
                                                  const MessageQuery& query) {
  message_store::Filter filter;
  filter.halls = caller.halls;
  filter.case_id = query.case_id;
  filter.state = query.state;
  filter.limit = query.limit;
  filter.before_time = query.before_time;
  filter.before_id = query.before_id;
  return message_store::List(session, filter);
}

}  // namespace xxt::notification::app
