#include "services/notification/app/create_message.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
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

// Who keeps the cases, and so knows what it says of them.
constexpr char kIntake[] = "services/intake";

// Event and audience are named under the case: no other case's message can
// stand in for this one.
absl::Status CheckNames(const NewMessage& input) {
  const std::string case_name = absl::StrCat("cases/", input.case_id);
  if (!absl::StartsWith(input.event, absl::StrCat(case_name, "#"))) {
    return errors::FieldInvalid("message.event", "不是这一事项的事件", "must be <case_name>#<event>");
  }
  if (!absl::StartsWith(input.audience, absl::StrCat(case_name, "/parties/"))) {
    return errors::FieldInvalid("message.audience", "不是这一事项的当事人", "must be <case_name>/parties/<party>");
  }
  return absl::OkStatus();
}

bool IsSame(const Message& told, const Message& asked) {
  Recipient recipient = asked.recipient;
  recipient.revision = told.recipient.revision;
  return told.hall == asked.hall && told.template_id == asked.template_id && told.parameters == asked.parameters &&
         told.recipient == recipient && told.topic == asked.topic && told.revision == asked.revision;
}

// Why a person calls at once; empty: a text message can tell it.
std::string WhyCall(const SendingPolicy& policy, const Message& message, absl::Time now) {
  if (message.recipient.no_sms) return "当事人不便看短信，由窗口电话告知";
  if (FirstChannel(message.recipient) != Channel::kSms) return "没有可收短信的号码，由窗口告知";
  if (EarliestSms(policy, message.urgent, now) >= message.true_until) return "短信已赶不上期限，由窗口电话告知";
  return "";
}

// The message without deliveries.
absl::StatusOr<Message> Compose(const Catalogue& catalogue, const identity::Caller& caller, const NewMessage& input,
                                absl::Time now) {
  XXT_RETURN_IF_ERROR(identity::CheckHall(caller, input.hall, input.hall));
  XXT_RETURN_IF_ERROR(CheckNames(input));
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
  message.topic = input.topic;
  message.revision = input.revision;
  message.recipient = input.recipient;
  message.template_id = words->id();
  message.template_version = words->version();
  message.parameters = input.parameters;
  message.sms_text = std::move(rendered->sms_text);
  message.call_text = std::move(rendered->call_text);
  message.late_text = std::move(rendered->late_text);
  message.true_until = words->TrueUntil(input.parameters);
  message.headline = std::move(rendered->headline);
  message.urgent = words->urgent();
  message.create_time = now;
  message.update_time = now;
  return message;
}

// Withdraws what the message makes untrue, and marks the message itself if it
// comes too late. Who tells of the same topic waits here until this commits.
absl::Status Supersede(const Context& context, Message& message) {
  if (message.topic.empty()) return absl::OkStatus();
  XXT_ASSIGN_OR_RETURN(const std::vector<message_store::Revision> others,
                       message_store::OthersOfTopic(context.session, message));
  for (const message_store::Revision& other : others) {
    message.overtaken |= other.revision > message.revision;
    if (other.revision >= message.revision) continue;
    XXT_ASSIGN_OR_RETURN(Message old, message_store::LoadForUpdate(context.session, other.id));
    if (!Overtake(context, old)) continue;
    message_store::Save(context.session, old);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Message> PreviewMessage(const Catalogue& catalogue, const SendingPolicy& policy,
                                       const identity::Caller& caller, const NewMessage& input, absl::Time now) {
  XXT_ASSIGN_OR_RETURN(Message message, Compose(catalogue, caller, input, now));
  message.state_reason = WhyCall(policy, message, now);
  AddDelivery(message, "", message.state_reason.empty() ? Channel::kSms : Channel::kVoiceCall, now);
  return message;
}

absl::Status CheckCase(IntakeClient& intake, const identity::Caller& caller, const NewMessage& input,
                       SteadyTime deadline) {
  if (caller.subject == kIntake) return absl::OkStatus();
  XXT_RETURN_IF_ERROR(identity::CheckHall(caller, input.hall, input.hall));
  const std::string case_name = absl::StrCat("cases/", input.case_id);
  XXT_ASSIGN_OR_RETURN(const CaseSeen seen, intake.LookUp(case_name, deadline));
  XXT_RETURN_IF_ERROR(identity::CheckHall(caller, seen.hall, case_name));
  if (seen.hall != input.hall) {
    return errors::FieldInvalid("message.hall", "不是这一事项所在的大厅", "is not the hall of the case");
  }
  if (std::find(seen.parties.begin(), seen.parties.end(), input.audience) == seen.parties.end()) {
    return errors::FieldInvalid("message.audience", "这一事项没有这位当事人", "is no party of the case");
  }
  return absl::OkStatus();
}

absl::StatusOr<Message> CreateMessage(pg::Session& session, const Catalogue& catalogue, const SendingPolicy& policy,
                                      const identity::Caller& caller, const NewMessage& input, absl::Time now) {
  XXT_ASSIGN_OR_RETURN(Message message, Compose(catalogue, caller, input, now));
  message.id = identifiers::NewUuid(absl::Now());
  XXT_ASSIGN_OR_RETURN(const bool is_new, message_store::Insert(session, message));
  XXT_CRASH_POINT("notification.message_inserted");
  if (!is_new) {
    XXT_ASSIGN_OR_RETURN(Message told, message_store::LoadByEvent(session, input.case_id, input.event, input.audience));
    XXT_RETURN_IF_ERROR(identity::CheckHall(caller, told.hall, told.name()));
    if (!IsSame(told, message)) return errors::AlreadyExists("notification.xixinting/Message", told.name());
    return told;
  }
  const Context context{session, policy, now, caller.subject, ""};
  Tell(context, message, "message.created.v1", "准备告知当事人");
  XXT_RETURN_IF_ERROR(Supersede(context, message));
  message.state_reason = WhyCall(policy, message, now);
  if (message.overtaken) {
    AddDelivery(message, identifiers::NewUuid(absl::Now()), FirstChannel(message.recipient), now);
    Suppress(context, message);
  } else if (message.state_reason.empty()) {
    StartSms(context, message);
  } else {
    StartCall(context, message);
  }
  message_store::Save(session, message);
  return message;
}

}  // namespace xxt::notification::app
