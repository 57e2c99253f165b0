#include "tests/bench/look.h"

#include <utility>

#include "xixinting/common/v1/task_service.grpc.pb.h"
#include "xixinting/intake/v1/case_service.grpc.pb.h"
#include "xixinting/intake/v1/entitlement.grpc.pb.h"
#include "xixinting/referral/v1/body.grpc.pb.h"

namespace xxt::bench {
namespace {

namespace common = ::xixinting::common::v1;
namespace intake = ::xixinting::intake::v1;
namespace referral = ::xixinting::referral::v1;

using Answered = std::function<void(grpc::Status)>;

template <typename Service, typename Request, typename Response>
class LookAt final : public Look {
 public:
  using Stub = typename Service::Stub;
  struct How {
    void (*ask)(const std::string& of, Request& request);
    void (*call)(Stub& stub, grpc::ClientContext* context, const Request* request, Response* response,
                 Answered answered);
    int (*found)(const Response& response);
  };

  LookAt(const std::shared_ptr<grpc::Channel>& channel, How how) : stub_(Service::NewStub(channel)), how_(how) {}

  void Send(grpc::ClientContext* context, const std::string& of, Answered answered) override {
    how_.ask(of, request_);
    how_.call(*stub_, context, &request_, &response_, std::move(answered));
  }
  int found() const override { return how_.found(response_); }

 private:
  const std::unique_ptr<Stub> stub_;
  const How how_;
  Request request_;
  Response response_;
};

#define XXT_CALL(Method)                                                                                 \
  [](auto& stub, grpc::ClientContext* context, const auto* request, auto* response, Answered answered) { \
    stub.async()->Method(context, request, response, std::move(answered));                               \
  }

using WorkList = LookAt<intake::CaseService, intake::ListCasesRequest, intake::ListCasesResponse>;
using DueTasks = LookAt<common::TaskService, common::ListTasksRequest, common::ListTasksResponse>;
using FindCases = LookAt<intake::CaseService, intake::FindCasesRequest, intake::FindCasesResponse>;
using BodySearch = LookAt<referral::BodyService, referral::ListBodiesRequest, referral::ListBodiesResponse>;
using Entitlement = LookAt<intake::EntitlementService, intake::LookupEntitlementRequest, intake::Entitlement>;

constexpr int kDue = 15;  // so many are due beside few cases, too

}  // namespace

std::vector<std::string> Looks() { return {"work-list", "due-tasks", "find-cases", "body-search", "entitlement"}; }

std::unique_ptr<Look> MakeLook(const std::string& name, const std::shared_ptr<grpc::Channel>& channel) {
  if (name == "work-list") {
    return std::make_unique<WorkList>(
        channel, WorkList::How{
                     [](const std::string&, auto& request) { request.set_order(intake::ListCasesRequest::ORDER_WORK); },
                     XXT_CALL(ListCases), [](const auto& response) { return response.cases_size(); }});
  }
  if (name == "due-tasks") {
    return std::make_unique<DueTasks>(
        channel, DueTasks::How{[](const std::string&, auto& request) { request.set_page_size(kDue); },
                               XXT_CALL(ListTasks), [](const auto& response) { return response.tasks_size(); }});
  }
  if (name == "find-cases") {
    return std::make_unique<FindCases>(
        channel, FindCases::How{[](const std::string& of, auto& request) {
                                  request.set_phone_number(of);
                                  request.set_purpose(intake::FindCasesRequest::PURPOSE_CALL);
                                },
                                XXT_CALL(FindCases), [](const auto& response) { return response.cases_size(); }});
  }
  if (name == "body-search") {
    return std::make_unique<BodySearch>(
        channel, BodySearch::How{[](const std::string& of, auto& request) { request.set_query(of); },
                                 XXT_CALL(ListBodies), [](const auto& response) { return response.bodies_size(); }});
  }
  if (name == "entitlement") {
    return std::make_unique<Entitlement>(
        channel,
        Entitlement::How{[](const std::string& of, auto& request) { request.set_name(of); },
                         XXT_CALL(LookupEntitlement), [](const auto& response) { return response.findings_size(); }});
  }
  return nullptr;
}

#undef XXT_CALL

}  // namespace xxt::bench
