#include "services/referral/referrals/intake_peer.h"

#include "common/rpc/client.h"
#include "common/status/macros.h"
#include "xixinting/intake/v1/case_service.grpc.pb.h"
#include "xixinting/intake/v1/contact.grpc.pb.h"
#include "xixinting/intake/v1/feed.grpc.pb.h"
#include "xixinting/intake/v1/hall.grpc.pb.h"
#include "xixinting/intake/v1/paper.grpc.pb.h"

namespace xxt::referral {
namespace {

namespace intake = ::xixinting::intake::v1;
using Cases = intake::CaseService::Stub;
using Contacts = intake::ContactService::Stub;
using Feed = intake::FeedService::Stub;
using Halls = intake::HallService::Stub;
using Papers = intake::PaperService::Stub;

class GrpcIntake final : public Intake {
 public:
  explicit GrpcIntake(const rpc::Client& client)
      : client_(client),
        cases_(intake::CaseService::NewStub(client.channel())),
        contacts_(intake::ContactService::NewStub(client.channel())),
        feed_(intake::FeedService::NewStub(client.channel())),
        halls_(intake::HallService::NewStub(client.channel())),
        papers_(intake::PaperService::NewStub(client.channel())) {}

  absl::Status Tell(const referrals::Report& report, SteadyTime deadline,
                    intake::ReportReferralResponse* said) const override {
    return client_.Call(*feed_, &Feed::ReportReferral, report, said, deadline);
  }

  absl::StatusOr<intake::Case> LookUp(const std::string& case_name, SteadyTime deadline) const override {
    intake::GetCaseRequest request;
    request.set_name(case_name);
    request.set_view(intake::CASE_VIEW_FULL);
    return Get(*cases_, &Cases::GetCase, request, deadline);
  }

  absl::StatusOr<intake::Contact> LookUpContact(const std::string& name, SteadyTime deadline) const override {
    intake::GetContactRequest request;
    request.set_name(name);
    return Get(*contacts_, &Contacts::GetContact, request, deadline);
  }

  absl::StatusOr<intake::Paper> LookUpPaper(const std::string& name, SteadyTime deadline) const override {
    intake::GetPaperRequest request;
    request.set_name(name);
    return Get(*papers_, &Papers::GetPaper, request, deadline);
  }

  absl::StatusOr<intake::Staff> LookUpStaff(const std::string& name, SteadyTime deadline) const override {
    intake::GetStaffRequest request;
    request.set_name(name);
    return Get(*halls_, &Halls::GetStaff, request, deadline);
  }

  absl::StatusOr<std::vector<intake::Paper>> LookUpPapers(const std::string& case_name,
                                                          SteadyTime deadline) const override {
    std::vector<intake::Paper> found;
    intake::ListPapersRequest request;
    request.set_parent(case_name);
    request.set_page_size(kPage);
    do {
      XXT_ASSIGN_OR_RETURN(const intake::ListPapersResponse page,
                           Get(*papers_, &Papers::ListPapers, request, deadline));
      found.insert(found.end(), page.papers().begin(), page.papers().end());
      request.set_page_token(page.next_page_token());
    } while (!request.page_token().empty());
    return found;
  }

 private:
  static constexpr int kPage = 100;

  template <typename Stub, typename Request, typename Found>
  absl::StatusOr<Found> Get(Stub& stub, grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Found*),
                            const Request& request, SteadyTime deadline) const {
    Found found;
    XXT_RETURN_IF_ERROR(client_.LookUp(stub, method, request, &found, deadline, "intake"));
    return found;
  }

  const rpc::Client& client_;
  const std::unique_ptr<Cases> cases_;
  const std::unique_ptr<Contacts> contacts_;
  const std::unique_ptr<Feed> feed_;
  const std::unique_ptr<Halls> halls_;
  const std::unique_ptr<Papers> papers_;
};

}  // namespace

std::unique_ptr<Intake> MakeIntakeClient(const rpc::Client& client) { return std::make_unique<GrpcIntake>(client); }

}  // namespace xxt::referral
