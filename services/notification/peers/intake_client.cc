#include "services/notification/peers/intake_client.h"

#include <grpcpp/grpcpp.h>

#include "common/rpc/client.h"
#include "common/rpc/timestamp.h"
#include "common/rpc/wire_status.h"
#include "xixinting/intake/v1/case_service.grpc.pb.h"

namespace xxt::notification {
namespace {

namespace intake = ::xixinting::intake::v1;

intake::ReportMessageRequest::Kind KindOf(MessageState state) {
  switch (state) {
    case MessageState::kDelivered:
      return intake::ReportMessageRequest::KIND_DELIVERED;
    case MessageState::kHandedToStaff:
      return intake::ReportMessageRequest::KIND_HANDED_TO_STAFF;
    case MessageState::kInDoubt:
      return intake::ReportMessageRequest::KIND_IN_DOUBT;
    case MessageState::kNotReached:
      return intake::ReportMessageRequest::KIND_NOT_REACHED;
    case MessageState::kSending:
    case MessageState::kSuppressed:
      break;
  }
  return intake::ReportMessageRequest::KIND_UNSPECIFIED;
}

}  // namespace

struct IntakeClient::Stub {
  std::unique_ptr<intake::CaseService::Stub> cases;
};

IntakeClient::IntakeClient(const rpc::Client& client)
    : client_(client), stub_(std::make_unique<Stub>(Stub{intake::CaseService::NewStub(client.channel())})) {}

IntakeClient::~IntakeClient() = default;

absl::Status IntakeClient::ReportMessage(const CaseReport& report, SteadyTime deadline) {
  grpc::ClientContext context;
  client_.Prepare(context, deadline);
  intake::ReportMessageRequest request;
  request.set_message(report.message_name);
  request.set_case_name(report.case_name);
  request.set_kind(KindOf(report.state));
  request.set_channel(IsByPerson(report.channel) ? ::xixinting::common::v1::CHANNEL_PHONE
                                                 : ::xixinting::common::v1::CHANNEL_SMS);
  request.set_text(report.text);
  rpc::ToProto(report.time, request.mutable_occur_time());
  request.set_request_id(report.request_id);
  intake::ReportMessageResponse response;
  return rpc::FromGrpcStatus(stub_->cases->ReportMessage(&context, request, &response));
}

bool IntakeClient::IsForNow(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kResourceExhausted:
    case absl::StatusCode::kAborted:
    case absl::StatusCode::kCancelled:
    case absl::StatusCode::kUnknown:
    case absl::StatusCode::kUnauthenticated:  // keys may be on their way round
    case absl::StatusCode::kInternal:
      return true;
    default:
      return false;
  }
}

}  // namespace xxt::notification
