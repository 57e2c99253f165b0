#include "services/intake/cases/notification_peer.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/rpc/client.h"
#include "xixinting/notification/v1/message.grpc.pb.h"

namespace xxt::intake {
namespace {

namespace v1 = xixinting::notification::v1;

v1::Parameter ToProto(const std::string& name, const MessageValue& value) {
  v1::Parameter parameter;
  parameter.set_name(name);
  if (const auto* text = std::get_if<std::string>(&value)) {
    parameter.set_text(*text);
  } else if (const auto* number = std::get_if<std::int64_t>(&value)) {
    parameter.set_number(*number);
  } else if (const auto* day = std::get_if<absl::CivilDay>(&value)) {
    parameter.mutable_date()->set_year(static_cast<int>(day->year()));
    parameter.mutable_date()->set_month(day->month());
    parameter.mutable_date()->set_day(day->day());
  } else {
    const absl::Time time = std::get<absl::Time>(value);
    parameter.mutable_time()->set_seconds(absl::ToUnixSeconds(time));
  }
  return parameter;
}

void ToProto(const Addressee& addressee, v1::Recipient* recipient) {
  recipient->set_display_name(addressee.display_name);
  recipient->set_phone_number(addressee.phone_number);
  recipient->set_no_sms(addressee.no_sms);
  recipient->set_language_code(addressee.language_code);
  recipient->set_revision(addressee.recipient_revision);
}

v1::CreateMessageRequest ToProto(const AddressedMessage& addressed, const std::string& request_id) {
  v1::CreateMessageRequest request;
  request.set_request_id(request_id);
  v1::Message& message = *request.mutable_message();
  message.set_event(absl::StrCat(addressed.case_name, "#", addressed.message.event));
  message.set_audience(addressed.audience);
  message.set_case_name(addressed.case_name);
  message.set_hall(addressed.hall);
  if (!addressed.message.referral.empty()) {
    message.set_topic(absl::StrCat("last-day.", absl::StripPrefix(addressed.message.referral, "referrals/")));
    message.set_revision(addressed.last_day_revision);
  }
  message.set_template_(addressed.message.template_id);
  ToProto(addressed, message.mutable_recipient());
  for (const auto& [name, value] : addressed.message.parameters) *message.add_parameters() = ToProto(name, value);
  return request;
}

class GrpcNotification final : public Notification {
 public:
  explicit GrpcNotification(rpc::Client& client)
      : client_(client), stub_(v1::MessageService::NewStub(client.channel())) {}

  absl::Status Tell(const AddressedMessage& message, const std::string& request_id, SteadyTime deadline) override {
    grpc::ClientContext context;
    client_.Prepare(context, deadline);
    v1::Message response;
    return rpc::FromGrpcStatus(stub_->CreateMessage(&context, ToProto(message, request_id), &response));
  }

  absl::Status CorrectRecipient(const Addressee& right, const std::string& request_id, SteadyTime deadline) override {
    grpc::ClientContext context;
    client_.Prepare(context, deadline);
    v1::CorrectRecipientRequest request;
    request.set_case_name(right.case_name);
    request.set_audience(right.audience);
    ToProto(right, request.mutable_recipient());
    request.set_request_id(request_id);
    v1::CorrectRecipientResponse response;
    return rpc::FromGrpcStatus(stub_->CorrectRecipient(&context, request, &response));
  }

 private:
  rpc::Client& client_;
  const std::unique_ptr<v1::MessageService::Stub> stub_;
};

}  // namespace

std::unique_ptr<Notification> MakeNotificationClient(rpc::Client& client) {
  return std::make_unique<GrpcNotification>(client);
}

}  // namespace xxt::intake
