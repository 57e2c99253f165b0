#include "services/notification/message/intake_peer.h"

#include <grpcpp/grpcpp.h>

#include "common/rpc/client.h"
#include "common/rpc/peer_answer.h"
#include "common/rpc/wire_status.h"
#include "common/status/errors.h"
#include "xixinting/intake/v1/case_service.grpc.pb.h"
#include "xixinting/intake/v1/feed.grpc.pb.h"

namespace xxt::notification {
namespace {

namespace intake = ::xixinting::intake::v1;

constexpr absl::Duration kRetryAfter = absl::Seconds(1);

}  // namespace

struct IntakeClient::Stub {
  std::unique_ptr<intake::CaseService::Stub> cases;
  std::unique_ptr<intake::FeedService::Stub> feed;
};

IntakeClient::IntakeClient(const rpc::Client& client)
    : client_(client),
      stub_(std::make_unique<Stub>(
          Stub{intake::CaseService::NewStub(client.channel()), intake::FeedService::NewStub(client.channel())})) {}

IntakeClient::~IntakeClient() = default;

absl::StatusOr<CaseSeen> IntakeClient::LookUp(const std::string& case_name, SteadyTime deadline) {
  grpc::ClientContext context;
  client_.Prepare(context, deadline);
  intake::GetCaseRequest request;
  request.set_name(case_name);
  request.set_view(intake::CASE_VIEW_FULL);
  intake::Case found;
  const absl::Status status = rpc::FromGrpcStatus(stub_->cases->GetCase(&context, request, &found));
  if (rpc::ReadAnswer(status) == rpc::PeerAnswer::kTryAgain) return errors::PeerUnavailable("intake", kRetryAfter);
  if (!status.ok()) return status;
  CaseSeen seen{found.hall(), {}};
  for (const intake::Party& party : found.parties()) seen.parties.push_back(party.name());
  return seen;
}

absl::Status IntakeClient::ReportMessage(const intake::ReportMessageRequest& report, SteadyTime deadline) {
  grpc::ClientContext context;
  client_.Prepare(context, deadline);
  intake::ReportMessageResponse response;
  return rpc::FromGrpcStatus(stub_->feed->ReportMessage(&context, report, &response));
}

}  // namespace xxt::notification
