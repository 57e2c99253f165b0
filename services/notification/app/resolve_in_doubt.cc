#include "services/notification/app/resolve_in_doubt.h"

#include <array>
#include <cstddef>

#include "common/status/errors.h"
#include "common/status/macros.h"
#include "services/notification/storage/decision_store.h"
#include "services/notification/storage/message_store.h"

namespace xxt::notification::app {

absl::string_view NameOf(Resolution resolution) {
  constexpr std::array<absl::string_view, 3> kNames = {"RECEIVED", "SEND_AGAIN", "CALL"};
  return kNames[static_cast<std::size_t>(resolution)];
}

absl::Status Resolve(const Context& context, Message& message, Resolution resolution, const std::string& note) {
  if (message.state != MessageState::kInDoubt) {
    return errors::StateForbids(message.name(), "这条消息的去向已经确定，不用再核实", "the message is not IN_DOUBT");
  }
  decision_store::Insert(context.session,
                         {message.id, context.actor, std::string(NameOf(resolution)), note, context.now});
  Delivery& delivery = message.current();
  switch (resolution) {
    case Resolution::kReceived:
      delivery.state = Join(delivery.state, DeliveryState::kDelivered).state;
      delivery.detail = "经核实，当事人已收到";
      delivery.in_flight = false;
      delivery.update_time = context.now;
      MarkDelivered(context, message, delivery.channel, "经工作人员核实，当事人已收到短信");
      break;
    case Resolution::kSendAgain:
      TakeCorrection(message);
      if (FirstChannel(message.recipient) != Channel::kSms) {
        HandToStaff(context, message, "当事人的信息已更正，由窗口电话告知");
        break;
      }
      CancelTasks(context, message);
      StartSms(context, message);
      Tell(context, message, "message.sent_again.v1", "工作人员决定重发短信，当事人可能收到两次");
      break;
    case Resolution::kCall:
      HandToStaff(context, message, "短信是否送到不能确定，工作人员决定打电话告知");
      break;
  }
  return absl::OkStatus();
}

absl::StatusOr<Message> ResolveInDoubt(const Context& context, const identity::Caller& caller, absl::string_view id,
                                       Resolution resolution, const std::string& note) {
  XXT_ASSIGN_OR_RETURN(Message message, message_store::LoadForUpdate(context.session, id));
  XXT_RETURN_IF_ERROR(identity::CheckHall(caller, message.hall, message.name()));
  XXT_RETURN_IF_ERROR(Resolve(context, message, resolution, note));
  message_store::Save(context.session, message);
  return message;
}

}  // namespace xxt::notification::app
