#ifndef XXT_SERVICES_INTAKE_API_CASE_SERVICE_H_
#define XXT_SERVICES_INTAKE_API_CASE_SERVICE_H_

#include "common/rpc/edge.h"
#include "common/rpc/watch.h"
#include "services/intake/app/create_case.h"
#include "xixinting/intake/v1/case_service.grpc.pb.h"

namespace xxt::intake::api {

// CaseService, as its proto says. Watches write bytes that they share. Thread-safe.
class CaseService final : public ::xixinting::intake::v1::CaseService::WithRawCallbackMethod_WatchCases<
                              ::xixinting::intake::v1::CaseService::CallbackService> {
 public:
  // All must outlive this.
  CaseService(rpc::Edge& edge, rpc::Watcher& watcher, const app::Opening& opening)
      : edge_(edge), watcher_(watcher), opening_(opening) {}

#define XXT_UNARY(Method, Request, Response)                                        \
  grpc::ServerUnaryReactor* Method(grpc::CallbackServerContext* context,            \
                                   const ::xixinting::intake::v1::Request* request, \
                                   ::xixinting::intake::v1::Response* response) override
  XXT_UNARY(HandOffFromCounter, HandOffFromCounterRequest, HandOffFromCounterResponse);
  XXT_UNARY(CreateCase, CreateCaseRequest, Case);
  XXT_UNARY(GetCase, GetCaseRequest, Case);
  XXT_UNARY(ListCases, ListCasesRequest, ListCasesResponse);
  XXT_UNARY(CorrectParty, CorrectPartyRequest, Case);
  XXT_UNARY(RecordGap, RecordGapRequest, Case);
  XXT_UNARY(IssueChecklist, IssueChecklistRequest, Case);
  XXT_UNARY(SetNextAction, SetNextActionRequest, Case);
  XXT_UNARY(ConfirmOutcome, ConfirmOutcomeRequest, Case);
  XXT_UNARY(ProposeClosure, ProposeClosureRequest, Case);
  XXT_UNARY(ReviewClosure, ReviewClosureRequest, Case);
  XXT_UNARY(ReportReferral, ReportReferralRequest, ReportReferralResponse);
  XXT_UNARY(ReportMessage, ReportMessageRequest, ReportMessageResponse);
#undef XXT_UNARY
  grpc::ServerWriteReactor<grpc::ByteBuffer>* WatchCases(grpc::CallbackServerContext* context,
                                                         const grpc::ByteBuffer* request) override;

 private:
  rpc::Edge& edge_;
  rpc::Watcher& watcher_;
  const app::Opening opening_;
};

}  // namespace xxt::intake::api

#endif  // XXT_SERVICES_INTAKE_API_CASE_SERVICE_H_
