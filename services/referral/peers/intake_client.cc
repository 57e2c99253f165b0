#include "services/referral/peers/intake_client.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/log/log.h"
#include "common/rpc/client.h"
#include "common/rpc/timestamp.h"
#include "common/status/errors.h"
#include "xixinting/intake/v1/case_service.grpc.pb.h"
#include "xixinting/intake/v1/feed.grpc.pb.h"

namespace xxt::referral {

namespace v1 = xixinting::intake::v1;

namespace {

constexpr absl::Duration kAnswerWithin = absl::Seconds(2);

}  // namespace

struct IntakeClient::Stub {
  std::unique_ptr<v1::CaseService::Stub> cases;
  std::unique_ptr<v1::FeedService::Stub> feed;
};

IntakeClient::IntakeClient(const rpc::Client& client)
    : client_(client),
      stub_(new Stub{v1::CaseService::NewStub(client.channel()), v1::FeedService::NewStub(client.channel())}) {}

IntakeClient::~IntakeClient() = default;

absl::Status IntakeClient::Tell(const Report& report, SteadyTime deadline) const {
  v1::ReportReferralRequest request;
  request.set_referral(report.referral);
  request.set_case_name(report.case_name);
  v1::ReportReferralRequest::Kind kind = v1::ReportReferralRequest::KIND_UNSPECIFIED;
  if (!v1::ReportReferralRequest::Kind_Parse(absl::StrCat("KIND_", report.kind), &kind)) {
    return absl::InvalidArgumentError("kind");
  }
  request.set_kind(kind);
  request.set_summary(report.summary);
  request.set_paper_title(report.paper_title);
  request.set_body_title(report.body_title);
  if (report.last_safe_day.has_value()) rpc::ToProto(*report.last_safe_day, request.mutable_last_safe_day());
  request.set_route_sheet_version(report.route_sheet_version);
  request.set_version(report.version);
  request.set_request_id(report.request_id);
  v1::ReportReferralResponse response;
  grpc::ClientContext context;
  client_.Prepare(context, deadline);
  return rpc::FromGrpcStatus(stub_->feed->ReportReferral(&context, request, &response));
}

absl::StatusOr<CaseSeen> IntakeClient::LookUp(const std::string& case_name, SteadyTime deadline) const {
  v1::GetCaseRequest request;
  request.set_name(case_name);
  request.set_view(v1::CASE_VIEW_FULL);
  v1::Case found;
  grpc::ClientContext context;
  // A peer that hangs must not hold up what does not need it.
  client_.Prepare(context, std::min(deadline, SteadyTime::Now() + kAnswerWithin));
  const grpc::Status status = stub_->cases->GetCase(&context, request, &found);
  if (status.error_code() == grpc::StatusCode::NOT_FOUND) return errors::NotFound("intake.xixinting/Case", case_name);
  if (!status.ok()) {
    log::Warning("intake.look_up_failed", {{"status", rpc::FromGrpcStatus(status)}});
    return errors::PeerUnavailable("intake", absl::Seconds(2));
  }
  CaseSeen seen;
  seen.hall = found.hall();
  seen.open = found.state() != v1::Case::STATE_CLOSED;
  for (const v1::Party& party : found.parties()) seen.party_names.push_back(party.display_name());
  return seen;
}

}  // namespace xxt::referral
