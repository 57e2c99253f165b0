#include "services/notification/message/intake_peer.h"

#include "common/rpc/client.h"
#include "common/status/macros.h"
#include "xixinting/intake/v1/case_service.grpc.pb.h"
#include "xixinting/intake/v1/feed.grpc.pb.h"

namespace xxt::notification {
namespace {

namespace intake = ::xixinting::intake::v1;
using Cases = intake::CaseService::Stub;
using Feed = intake::FeedService::Stub;

}  // namespace

struct IntakeClient::Stubs {
  std::unique_ptr<Cases> cases;
  std::unique_ptr<Feed> feed;
};

IntakeClient::IntakeClient(const rpc::Client& client)
    : client_(client),
      stubs_(std::make_unique<Stubs>(
          Stubs{intake::CaseService::NewStub(client.channel()), intake::FeedService::NewStub(client.channel())})) {}

IntakeClient::~IntakeClient() = default;

absl::StatusOr<intake::Case> IntakeClient::LookUp(const std::string& case_name, SteadyTime deadline) {
  intake::GetCaseRequest request;
  request.set_name(case_name);
  request.set_view(intake::CASE_VIEW_FULL);
  intake::Case found;
  XXT_RETURN_IF_ERROR(client_.LookUp(*stubs_->cases, &Cases::GetCase, request, &found, deadline, "intake"));
  return found;
}

absl::Status IntakeClient::ReportMessage(const intake::ReportMessageRequest& report, SteadyTime deadline) {
  intake::ReportMessageResponse response;
  return client_.Call(*stubs_->feed, &Feed::ReportMessage, report, &response, deadline);
}

}  // namespace xxt::notification
