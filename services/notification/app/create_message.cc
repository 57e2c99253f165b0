#include "services/notification/app/create_message.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/fault/crash_point.h"
#include "common/identifiers/uuid.h"
#include "common/status/errors.h"
#include "common/status/macros.h"
#include "services/notification/app/outcomes.h"
#include "services/notification/storage/message_store.h"

namespace xxt::notification::app {
namespace {

// The message without deliveries.
absl::StatusOr<Message> Compose(const Catalogue& catalogue, const identity::Caller& caller, const NewMessage& input,
                                absl::Time now) {
  XXT_RETURN_IF_ERROR(identity::CheckHall(caller, input.hall, input.hall));
  const Template* words = catalogue.Find(input.template_id);
  if (words == nullptr) {
    return errors::NotFound("notification.xixinting/Template", absl::StrCat("templates/", input.template_id));
  }
  if (const std::vector<ParameterFault> faults = words->Check(input.parameters); !faults.empty()) {
    const ParameterFault& fault = faults.front();
    return errors::TemplateParameterInvalid(fault.parameter, absl::StrCat("参数 ", fault.parameter, " ", fault.zh),
                                            absl::StrCat("parameter ", fault.parameter, " ", fault.en));
  }
  absl::StatusOr<Rendered> rendered =
      words->Render(input.parameters, input.recipient.language_code, input.recipient.display_name);
  if (!rendered.ok()) {
    return errors::TemplateParameterInvalid("parameters", "各项参数合起来不能作为短信发出",
                                            absl::StrCat("the parameters together: ", rendered.status().message()));
  }
  Message message;
  message.event = input.event;
  message.audience = input.audience;
  message.case_id = input.case_id;
  message.hall = input.hall;
  message.recipient = input.recipient;
  message.template_id = words->id();
  message.template_version = words->version();
  message.parameters = input.parameters;
  message.sms_text = std::move(rendered->sms_text);
  message.call_text = std::move(rendered->call_text);
  message.headline = std::move(rendered->headline);
  message.urgent = words->urgent();
  message.create_time = now;
  message.update_time = now;
  return message;
}

}  // namespace

absl::StatusOr<Message> PreviewMessage(const Catalogue& catalogue, const identity::Caller& caller,
                                       const NewMessage& input, absl::Time now) {
  XXT_ASSIGN_OR_RETURN(Message message, Compose(catalogue, caller, input, now));
  AddDelivery(message, "", FirstChannel(message.recipient), now);
  return message;
}

absl::StatusOr<Message> CreateMessage(pg::Session& session, const Catalogue& catalogue, const SendingPolicy& policy,
                                      const identity::Caller& caller, const NewMessage& input, absl::Time now) {
  XXT_ASSIGN_OR_RETURN(Message message, Compose(catalogue, caller, input, now));
  message.id = identifiers::NewUuid(absl::Now());
  XXT_ASSIGN_OR_RETURN(const bool is_new, message_store::Insert(session, message));
  XXT_CRASH_POINT("notification.message_inserted");
  if (!is_new) {
    XXT_ASSIGN_OR_RETURN(Message told, message_store::LoadByEvent(session, input.event, input.audience));
    XXT_RETURN_IF_ERROR(identity::CheckHall(caller, told.hall, told.name()));
    return told;
  }
  const Context context{session, policy, now, caller.subject, ""};
  Tell(context, message, "message.created.v1", "准备告知当事人");
  if (FirstChannel(message.recipient) == Channel::kSms) {
    StartSms(context, message);
  } else {
    StartCall(context, message);
    message.state_reason =
        message.recipient.no_sms ? "当事人不便看短信，由窗口电话告知" : "没有可收短信的号码，由窗口告知";
  }
  message_store::Save(session, message);
  return message;
}

}  // namespace xxt::notification::app
