#include "services/referral/peers/intake_client.h"

#include "absl/strings/str_cat.h"
#include "common/log/log.h"
#include "common/rpc/client.h"
#include "common/rpc/timestamp.h"
#include "xixinting/intake/v1/case_service.grpc.pb.h"

namespace xxt::referral {

namespace v1 = xixinting::intake::v1;

struct IntakeClient::Stub {
  std::unique_ptr<v1::CaseService::Stub> cases;
};

IntakeClient::IntakeClient(const rpc::Client& client)
    : client_(client), stub_(new Stub{v1::CaseService::NewStub(client.channel())}) {}

IntakeClient::~IntakeClient() = default;

IntakeClient::Outcome IntakeClient::Tell(const Report& report, SteadyTime deadline) const {
  v1::ReportReferralRequest request;
  request.set_referral(report.referral);
  request.set_case_name(report.case_name);
  v1::ReportReferralRequest::Kind kind = v1::ReportReferralRequest::KIND_UNSPECIFIED;
  if (!v1::ReportReferralRequest::Kind_Parse(absl::StrCat("KIND_", report.kind), &kind)) return Outcome::kRefused;
  request.set_kind(kind);
  request.set_summary(report.summary);
  request.set_paper_title(report.paper_title);
  request.set_body_title(report.body_title);
  if (report.last_safe_day.has_value()) rpc::ToProto(*report.last_safe_day, request.mutable_last_safe_day());
  request.set_request_id(report.request_id);
  v1::ReportReferralResponse response;
  grpc::ClientContext context;
  client_.Prepare(context, deadline);
  const grpc::Status status = stub_->cases->ReportReferral(&context, request, &response);
  switch (status.error_code()) {
    case grpc::StatusCode::OK:
      return Outcome::kTold;
    case grpc::StatusCode::INVALID_ARGUMENT:
    case grpc::StatusCode::NOT_FOUND:
    case grpc::StatusCode::FAILED_PRECONDITION:
    case grpc::StatusCode::OUT_OF_RANGE:
      log::Error("intake.report_refused", {{"referral", report.referral}, {"status", rpc::FromGrpcStatus(status)}});
      return Outcome::kRefused;
    default:
      return Outcome::kTryAgain;
  }
}

}  // namespace xxt::referral
