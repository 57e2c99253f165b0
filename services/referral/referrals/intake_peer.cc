#include "services/referral/referrals/intake_peer.h"

#include "common/rpc/client.h"
#include "common/status/macros.h"
#include "xixinting/intake/v1/case_service.grpc.pb.h"
#include "xixinting/intake/v1/feed.grpc.pb.h"

namespace xxt::referral {
namespace {

namespace intake = ::xixinting::intake::v1;
using Cases = intake::CaseService::Stub;
using Feed = intake::FeedService::Stub;

class GrpcIntake final : public Intake {
 public:
  explicit GrpcIntake(const rpc::Client& client)
      : client_(client),
        cases_(intake::CaseService::NewStub(client.channel())),
        feed_(intake::FeedService::NewStub(client.channel())) {}

  absl::Status Tell(const referrals::Report& report, SteadyTime deadline) const override {
    intake::ReportReferralResponse response;
    return client_.Call(*feed_, &Feed::ReportReferral, report, &response, deadline);
  }

  absl::StatusOr<intake::Case> LookUp(const std::string& case_name, SteadyTime deadline) const override {
    intake::GetCaseRequest request;
    request.set_name(case_name);
    request.set_view(intake::CASE_VIEW_FULL);
    intake::Case found;
    XXT_RETURN_IF_ERROR(client_.LookUp(*cases_, &Cases::GetCase, request, &found, deadline, "intake"));
    return found;
  }

 private:
  const rpc::Client& client_;
  const std::unique_ptr<Cases> cases_;
  const std::unique_ptr<Feed> feed_;
};

}  // namespace

std::unique_ptr<Intake> MakeIntakeClient(const rpc::Client& client) { return std::make_unique<GrpcIntake>(client); }

}  // namespace xxt::referral
