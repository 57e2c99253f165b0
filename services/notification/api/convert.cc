#include "services/notification/api/convert.h"

#include <cstdint>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/identifiers/phone_number.h"
#include "common/identifiers/resource_name.h"
#include "common/rpc/timestamp.h"
#include "common/status/errors.h"
#include "common/status/macros.h"

namespace xxt::notification::api {
namespace {

namespace common = ::xixinting::common::v1;

// A parameter without a value is left out: the template says that it misses it.
// Errors: TEMPLATE_PARAMETER_INVALID of one that is there twice.
absl::StatusOr<Parameters> ParametersFrom(const v1::Message& proto) {
  Parameters parameters;
  for (const v1::Parameter& parameter : proto.parameters()) {
    const std::string& name = parameter.name();
    if (parameters.count(name) > 0) {
      return errors::TemplateParameterInvalid(name, absl::StrCat("参数 ", name, " 重复"),
                                              absl::StrCat("parameter ", name, " is there twice"));
    }
    switch (parameter.value_case()) {
      case v1::Parameter::kText:
        parameters.emplace(name, parameter.text());
        break;
      case v1::Parameter::kNumber:
        parameters.emplace(name, static_cast<std::int64_t>(parameter.number()));
        break;
      case v1::Parameter::kDate:
        parameters.emplace(name, rpc::FromProto(parameter.date()));
        break;
      case v1::Parameter::kTime:
        // As PostgreSQL keeps it: what comes again must equal what was stored.
        parameters.emplace(name, absl::FromUnixMicros(absl::ToUnixMicros(rpc::FromProto(parameter.time()))));
        break;
      case v1::Parameter::VALUE_NOT_SET:
        break;
    }
  }
  return parameters;
}

absl::StatusOr<Recipient> ReadRecipient(const v1::Recipient& proto, const std::string& field) {
  Recipient recipient;
  recipient.display_name = proto.display_name();
  recipient.no_sms = proto.no_sms();
  recipient.revision = proto.revision();
  if (!proto.language_code().empty()) recipient.language_code = proto.language_code();
  if (proto.phone_number().empty()) return recipient;
  const absl::StatusOr<identifiers::PhoneNumber> phone = identifiers::PhoneNumber::Parse(proto.phone_number());
  if (!phone.ok()) {
    return errors::FieldInvalid(absl::StrCat(field, ".phone_number"), "不是有效的电话号码", "is no telephone number");
  }
  recipient.phone_number = phone->value();
  recipient.extension = phone->extension();
  recipient.mobile = phone->can_receive_sms() && !phone->is_short();
  recipient.masked_phone_number = std::string(absl::StripPrefix(phone->Masked(), "+86"));
  return recipient;
}

v1::Message::State ToProto(MessageState state) {
  switch (state) {
    case MessageState::kSending:
      return v1::Message::STATE_SENDING;
    case MessageState::kDelivered:
      return v1::Message::STATE_DELIVERED;
    case MessageState::kHandedToStaff:
      return v1::Message::STATE_HANDED_TO_STAFF;
    case MessageState::kInDoubt:
      return v1::Message::STATE_IN_DOUBT;
    case MessageState::kNotReached:
      return v1::Message::STATE_NOT_REACHED;
    case MessageState::kSuppressed:
      return v1::Message::STATE_SUPPRESSED;
  }
  return v1::Message::STATE_UNSPECIFIED;
}

v1::Delivery::State ToProto(DeliveryState state) {
  switch (state) {
    case DeliveryState::kCreated:
      return v1::Delivery::STATE_CREATED;
    case DeliveryState::kSending:
      return v1::Delivery::STATE_SENDING;
    case DeliveryState::kAccepted:
      return v1::Delivery::STATE_ACCEPTED;
    case DeliveryState::kInDoubt:
      return v1::Delivery::STATE_IN_DOUBT;
    case DeliveryState::kDelivered:
      return v1::Delivery::STATE_DELIVERED;
    case DeliveryState::kFailed:
      return v1::Delivery::STATE_FAILED;
  }
  return v1::Delivery::STATE_UNSPECIFIED;
}

v1::Delivery::Failure ToProto(FailureKind failure) {
  switch (failure) {
    case FailureKind::kNone:
      return v1::Delivery::FAILURE_UNSPECIFIED;
    case FailureKind::kTemporary:
      return v1::Delivery::FAILURE_TEMPORARY;
    case FailureKind::kPermanent:
      return v1::Delivery::FAILURE_PERMANENT;
    case FailureKind::kTechnical:
      return v1::Delivery::FAILURE_TECHNICAL;
  }
  return v1::Delivery::FAILURE_UNSPECIFIED;
}

v1::Parameter ToProto(const std::string& name, const ParameterValue& value) {
  v1::Parameter proto;
  proto.set_name(name);
  if (const auto* text = std::get_if<std::string>(&value)) {
    proto.set_text(*text);
  } else if (const auto* number = std::get_if<std::int64_t>(&value)) {
    proto.set_number(*number);
  } else if (const auto* day = std::get_if<absl::CivilDay>(&value)) {
    rpc::ToProto(*day, proto.mutable_date());
  } else {
    rpc::ToProto(std::get<absl::Time>(value), proto.mutable_time());
  }
  return proto;
}

void ToProto(const Delivery& delivery, v1::Delivery* proto) {
  proto->set_id(delivery.id);
  proto->set_channel(IsByPerson(delivery.channel) ? common::CHANNEL_PHONE : common::CHANNEL_SMS);
  proto->set_state(ToProto(delivery.state));
  proto->set_failure(ToProto(delivery.failure));
  proto->set_detail(delivery.detail);
  proto->set_provider_reference(delivery.provider_reference);
  proto->set_attempt_count(delivery.attempt_count);
  rpc::ToProto(delivery.update_time, proto->mutable_update_time());
}

}  // namespace

absl::StatusOr<app::NewMessage> FromProto(const v1::Message& proto) {
  app::NewMessage input;
  input.event = proto.event();
  input.audience = proto.audience();
  XXT_ASSIGN_OR_RETURN(input.case_id, IdFrom(proto.case_name(), "cases", "message.case_name"));
  input.hall = proto.hall();
  input.topic = proto.topic();
  input.revision = proto.revision();
  XXT_ASSIGN_OR_RETURN(input.recipient, ReadRecipient(proto.recipient(), "message.recipient"));
  input.template_id = proto.template_();
  XXT_ASSIGN_OR_RETURN(input.parameters, ParametersFrom(proto));
  return input;
}

absl::StatusOr<Recipient> FromProto(const v1::Recipient& proto) { return ReadRecipient(proto, "recipient"); }

absl::StatusOr<std::string> IdFrom(const std::string& name, absl::string_view collection, const std::string& field) {
  absl::StatusOr<std::string> id = identifiers::ParseName(name, collection);
  if (!id.ok()) return errors::FieldInvalid(field, "名称格式不对", absl::StrCat("must be ", collection, "/{uuid}"));
  return id;
}

std::optional<MessageState> FromProto(v1::Message::State state) {
  for (int i = 0; i < 6; ++i) {
    if (ToProto(static_cast<MessageState>(i)) == state) return static_cast<MessageState>(i);
  }
  return std::nullopt;
}

void ToProto(const Message& message, absl::Time now, v1::Message* proto) {
  if (!message.id.empty()) proto->set_name(message.name());
  proto->set_event(message.event);
  proto->set_audience(message.audience);
  proto->set_case_name(message.case_name());
  proto->set_hall(message.hall);
  v1::Recipient* recipient = proto->mutable_recipient();
  recipient->set_display_name(message.recipient.display_name);
  recipient->set_no_sms(message.recipient.no_sms);
  recipient->set_language_code(message.recipient.language_code);
  recipient->set_revision(message.recipient.revision);
  recipient->set_masked_phone_number(message.recipient.masked_phone_number);
  proto->set_template_(message.template_id);
  proto->set_topic(message.topic);
  proto->set_revision(message.revision);
  for (const auto& [name, value] : message.parameters) *proto->add_parameters() = ToProto(name, value);
  proto->set_state(ToProto(message.state));
  proto->set_state_reason(message.state_reason);
  // What was told, or what is to be told now.
  const absl::Time told = IsTerminal(message.state) ? message.update_time : now;
  proto->set_text(message.WordsBy(message.current().channel, told));
  for (const Delivery& delivery : message.deliveries) ToProto(delivery, proto->add_deliveries());
  rpc::ToProto(message.create_time, proto->mutable_create_time());
  rpc::ToProto(message.update_time, proto->mutable_update_time());
}

void ToListProto(const Message& message, absl::Time now, v1::Message* proto) {
  ToProto(message, now, proto);
  proto->clear_recipient();
  proto->clear_parameters();
  proto->clear_text();
}

}  // namespace xxt::notification::api
