#include "services/intake/api/case_service.h"

#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "common/rpc/page.h"
#include "common/rpc/timestamp.h"
#include "common/status/errors.h"
#include "common/status/macros.h"
#include "common/store/tx.h"
#include "services/intake/api/convert.h"
#include "services/intake/app/closing.h"
#include "services/intake/app/correct_party.h"
#include "services/intake/app/next_action.h"
#include "services/intake/app/papers.h"
#include "services/intake/app/read_cases.h"
#include "services/intake/app/reports.h"

namespace xxt::intake::api {
namespace {

// A verb's answer.
absl::Status Answer(const absl::StatusOr<Case>& changed, v1::Case& response) {
  if (!changed.ok()) return changed.status();
  ToProto(*changed, View::kFull, &response);
  return absl::OkStatus();
}

// Runs `body` as use cases of slices are run.
absl::Status RunInTx(const rpc::Call& call, pg::Session& session, const seal::Keyring& keys,
                     absl::FunctionRef<absl::Status(Tx&)> body) {
  return InTx(session, Circumstances{call.caller, call.now, call.deadline, call.method, keys}, body);
}

}  // namespace

grpc::ServerUnaryReactor* CaseService::HandOffFromCounter(grpc::CallbackServerContext* context,
                                                          const v1::HandOffFromCounterRequest* request,
                                                          v1::HandOffFromCounterResponse* response) {
  return edge_.Change(
      context, request, response,
      [this](const rpc::Call& call, pg::Session& session, const auto& asked, auto& answer) -> absl::Status {
        XXT_ASSIGN_OR_RETURN(const Case input, FromProto(asked.case_(), call.now));
        XXT_ASSIGN_OR_RETURN(const app::HandedOff handed,
                             app::HandOffFromCounter(session, call.caller, input, FromProto(asked.hand_off()),
                                                     opening_.By(call.deadline), call.now));
        ToProto(handed.ticket, answer.mutable_ticket());
        ToProto(handed.created, View::kFull, answer.mutable_case_());
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* CaseService::CreateCase(grpc::CallbackServerContext* context,
                                                  const v1::CreateCaseRequest* request, v1::Case* response) {
  return edge_.Change(
      context, request, response,
      [this](const rpc::Call& call, pg::Session& session, const auto& asked, auto& answer) -> absl::Status {
        XXT_ASSIGN_OR_RETURN(const Case input, FromProto(asked.case_(), call.now));
        return Answer(app::CreateCase(session, call.caller, input, opening_.By(call.deadline), call.now), answer);
      });
}

grpc::ServerUnaryReactor* CaseService::GetCase(grpc::CallbackServerContext* context, const v1::GetCaseRequest* request,
                                               v1::Case* response) {
  return edge_.Read(context, request, response,
                    [](const rpc::Call& call, pg::Session& session, const auto& asked, auto& answer) -> absl::Status {
                      XXT_ASSIGN_OR_RETURN(const Case found, app::GetCase(session, call.caller, asked.name()));
                      const bool basic = asked.view() == v1::CASE_VIEW_BASIC;
                      ToProto(found, basic ? View::kBasic : View::kFull, &answer);
                      return absl::OkStatus();
                    });
}

grpc::ServerUnaryReactor* CaseService::ListCases(grpc::CallbackServerContext* context,
                                                 const v1::ListCasesRequest* request, v1::ListCasesResponse* response) {
  return edge_.Read(context, request, response,
                    [](const rpc::Call& call, pg::Session& session, const auto& asked, auto& answer) -> absl::Status {
                      XXT_ASSIGN_OR_RETURN(const rpc::Page from,
                                           rpc::ReadPage(call, asked, {paging::Part::kTime, paging::Part::kUuid}));
                      app::CaseQuery query;
                      if (!asked.hall().empty()) query.hall = asked.hall();
                      query.owner = asked.owner();
                      query.display_code = asked.display_code();
                      query.states = FromProto(asked.states());
                      query.newest_first = asked.order() == v1::ListCasesRequest::ORDER_CREATE_TIME_DESC;
                      query.page_size = from.size;
                      query.after = from.after;
                      XXT_ASSIGN_OR_RETURN(const app::CasePage page, app::ListCases(session, call.caller, query));
                      for (const Case& found : page.cases) ToProto(found, View::kBasic, answer.add_cases());
                      if (!page.next_key.empty()) answer.set_next_page_token(from.TokenAfter(page.next_key));
                      answer.set_resume_token(page.resume_token);
                      return absl::OkStatus();
                    });
}

grpc::ServerUnaryReactor* CaseService::RecordGap(grpc::CallbackServerContext* context,
                                                 const v1::RecordGapRequest* request, v1::Case* response) {
  return edge_.Change(context, request, response,
                      [](const rpc::Call& call, pg::Session& session, const auto& asked, auto& answer) -> absl::Status {
                        return Answer(app::RecordGap(session, call.caller, asked.name(), asked.etag(),
                                                     FromProto(asked.paper()), call.now),
                                      answer);
                      });
}

grpc::ServerUnaryReactor* CaseService::CorrectParty(grpc::CallbackServerContext* context,
                                                    const v1::CorrectPartyRequest* request, v1::Case* response) {
  return edge_.Change(context, request, response,
                      [](const rpc::Call& call, pg::Session& session, const auto& asked, auto& answer) -> absl::Status {
                        XXT_ASSIGN_OR_RETURN(const PartyFields right, FromProto(asked, call.now));
                        return Answer(app::CorrectParty(session, call.caller, asked.name(), asked.etag(), right,
                                                        asked.reason(), call.now),
                                      answer);
                      });
}

grpc::ServerUnaryReactor* CaseService::IssueChecklist(grpc::CallbackServerContext* context,
                                                      const v1::IssueChecklistRequest* request, v1::Case* response) {
  return edge_.Change(context, request, response,
                      [](const rpc::Call& call, pg::Session& session, const auto& asked, auto& answer) -> absl::Status {
                        std::vector<CasePaper> papers;
                        for (const v1::Paper& paper : asked.papers()) papers.push_back(FromProto(paper));
                        return Answer(app::IssueCaseChecklist(session, call.caller, asked.name(), asked.etag(), papers,
                                                              asked.amendment_reason(), call.now),
                                      answer);
                      });
}

grpc::ServerUnaryReactor* CaseService::SetNextAction(grpc::CallbackServerContext* context,
                                                     const v1::SetNextActionRequest* request, v1::Case* response) {
  return edge_.Change(
      context, request, response,
      [this](const rpc::Call& call, pg::Session& session, const auto& asked, auto& answer) -> absl::Status {
        const NextAction next{asked.next_action().summary(), rpc::FromProto(asked.next_action().due_time())};
        return Answer(
            app::SayNextAction(session, call.caller, asked.name(), asked.etag(), next, opening_.policy, call.now),
            answer);
      });
}

grpc::ServerUnaryReactor* CaseService::ConfirmOutcome(grpc::CallbackServerContext* context,
                                                      const v1::ConfirmOutcomeRequest* request, v1::Case* response) {
  return edge_.Change(
      context, request, response,
      [this](const rpc::Call& call, pg::Session& session, const auto& asked, auto& answer) -> absl::Status {
        const Outcome outcome{asked.outcome().text(), asked.outcome().contact(), absl::Time()};
        return RunInTx(call, session, opening_.keys, [&](Tx& tx) {
          return Answer(app::ConfirmOutcome(tx, asked.name(), asked.etag(), outcome), answer);
        });
      });
}

grpc::ServerUnaryReactor* CaseService::ProposeClosure(grpc::CallbackServerContext* context,
                                                      const v1::ProposeClosureRequest* request, v1::Case* response) {
  return edge_.Change(
      context, request, response,
      [this](const rpc::Call& call, pg::Session& session, const auto& asked, auto& answer) -> absl::Status {
        return RunInTx(call, session, opening_.keys, [&](Tx& tx) {
          return Answer(
              app::ProposeCaseClosure(tx, asked.name(), asked.etag(), FromProto(asked.closure()), opening_.policy),
              answer);
        });
      });
}

grpc::ServerUnaryReactor* CaseService::ReviewClosure(grpc::CallbackServerContext* context,
                                                     const v1::ReviewClosureRequest* request, v1::Case* response) {
  return edge_.Change(
      context, request, response,
      [this](const rpc::Call& call, pg::Session& session, const auto& asked, auto& answer) -> absl::Status {
        const bool approve = asked.decision() == v1::ReviewClosureRequest::DECISION_APPROVE;
        return RunInTx(call, session, opening_.keys, [&](Tx& tx) {
          return Answer(app::ReviewCaseClosure(tx, asked.name(), asked.etag(), {approve, asked.comment()}), answer);
        });
      });
}

grpc::ServerUnaryReactor* CaseService::ReportReferral(grpc::CallbackServerContext* context,
                                                      const v1::ReportReferralRequest* request,
                                                      v1::ReportReferralResponse* response) {
  return edge_.Change(context, request, response,
                      [](const rpc::Call& call, pg::Session& session, const auto& asked, auto&) -> absl::Status {
                        return app::ReportReferral(session, call.caller, asked.case_name(), FromProto(asked), call.now);
                      });
}

grpc::ServerUnaryReactor* CaseService::ReportMessage(grpc::CallbackServerContext* context,
                                                     const v1::ReportMessageRequest* request,
                                                     v1::ReportMessageResponse* response) {
  return edge_.Change(context, request, response,
                      [this](const rpc::Call& call, pg::Session& session, const auto& asked, auto&) -> absl::Status {
                        return RunInTx(call, session, opening_.keys, [&](Tx& tx) {
                          return app::ReportMessage(tx, asked.case_name(), FromProto(asked));
                        });
                      });
}

grpc::ServerWriteReactor<grpc::ByteBuffer>* CaseService::WatchCases(grpc::CallbackServerContext* context,
                                                                    const grpc::ByteBuffer* request) {
  return watcher_.Watch<v1::WatchCasesRequest, v1::WatchCasesResponse>(
      context, request, [](pg::Session& session, const identity::Caller& caller, const std::string& name) {
        return app::GetCase(session, caller, name).status();
      });
}

}  // namespace xxt::intake::api
