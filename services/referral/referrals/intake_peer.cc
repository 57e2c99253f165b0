#include "services/referral/referrals/intake_peer.h"

#include <algorithm>

#include "common/log/log.h"
#include "common/rpc/client.h"
#include "common/status/errors.h"
#include "xixinting/intake/v1/case_service.grpc.pb.h"
#include "xixinting/intake/v1/feed.grpc.pb.h"

namespace xxt::referral {
namespace {

namespace intake = ::xixinting::intake::v1;

constexpr absl::Duration kAnswerWithin = absl::Seconds(2);

class GrpcIntake final : public Intake {
 public:
  explicit GrpcIntake(const rpc::Client& client)
      : client_(client),
        cases_(intake::CaseService::NewStub(client.channel())),
        feed_(intake::FeedService::NewStub(client.channel())) {}

  absl::Status Tell(const referrals::Report& report, SteadyTime deadline) const override {
    intake::ReportReferralResponse response;
    grpc::ClientContext context;
    client_.Prepare(context, deadline);
    return rpc::FromGrpcStatus(feed_->ReportReferral(&context, report, &response));
  }

  absl::StatusOr<CaseSeen> LookUp(const std::string& case_name, SteadyTime deadline) const override {
    intake::GetCaseRequest request;
    request.set_name(case_name);
    request.set_view(intake::CASE_VIEW_FULL);
    intake::Case found;
    grpc::ClientContext context;
    // A peer that hangs must not hold up what does not need it.
    client_.Prepare(context, std::min(deadline, SteadyTime::Now() + kAnswerWithin));
    const grpc::Status status = cases_->GetCase(&context, request, &found);
    if (status.error_code() == grpc::StatusCode::NOT_FOUND) return errors::NotFound("intake.xixinting/Case", case_name);
    if (!status.ok()) {
      log::Warning("intake.look_up_failed", {{"status", rpc::FromGrpcStatus(status)}});
      return errors::PeerUnavailable("intake", absl::Seconds(2));
    }
    CaseSeen seen;
    seen.hall = found.hall();
    seen.open = found.state() != intake::Case::STATE_CLOSED;
    for (const intake::Party& party : found.parties()) seen.party_names.push_back(party.display_name());
    return seen;
  }

 private:
  const rpc::Client& client_;
  const std::unique_ptr<intake::CaseService::Stub> cases_;
  const std::unique_ptr<intake::FeedService::Stub> feed_;
};

}  // namespace

std::unique_ptr<Intake> MakeIntakeClient(const rpc::Client& client) { return std::make_unique<GrpcIntake>(client); }

}  // namespace xxt::referral
