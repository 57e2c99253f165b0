#include "services/referral/api/rule_note_service.h"

#include "common/rpc/page.h"
#include "common/status/macros.h"
#include "services/referral/api/convert.h"
#include "services/referral/app/lookups.h"

namespace xxt::referral {

using rpc::Call;

grpc::ServerUnaryReactor* RuleNoteService::CreateRuleNote(grpc::CallbackServerContext* context,
                                                          const v1::CreateRuleNoteRequest* ask, v1::RuleNote* answer) {
  return edge_.Change(context, ask, answer,
                      [](const Call& call, pg::Session& session, const auto& request, auto& response) -> absl::Status {
                        XXT_ASSIGN_OR_RETURN(RuleNote input, FromProto(request.rule_note()));
                        XXT_ASSIGN_OR_RETURN(const RuleNote note,
                                             app::CreateRuleNote(session, call.caller, BodyIdOf(request.parent()),
                                                                 std::move(input), call.now));
                        ToProto(note, &response);
                        return absl::OkStatus();
                      });
}

grpc::ServerUnaryReactor* RuleNoteService::GetRuleNote(grpc::CallbackServerContext* context,
                                                       const v1::GetRuleNoteRequest* ask, v1::RuleNote* answer) {
  return edge_.Read(context, ask, answer,
                    [](const Call&, pg::Session& session, const auto& request, auto& response) -> absl::Status {
                      XXT_ASSIGN_OR_RETURN(const RuleNoteIds ids, ParseRuleNote(request.name(), "name"));
                      XXT_ASSIGN_OR_RETURN(const RuleNote note, app::GetRuleNote(session, ids.body_id, ids.id));
                      ToProto(note, &response);
                      return absl::OkStatus();
                    });
}

grpc::ServerUnaryReactor* RuleNoteService::ListRuleNotes(grpc::CallbackServerContext* context,
                                                         const v1::ListRuleNotesRequest* ask,
                                                         v1::ListRuleNotesResponse* answer) {
  return edge_.Read(context, ask, answer,
                    [](const Call& call, pg::Session& session, const auto& request, auto& response) -> absl::Status {
                      XXT_ASSIGN_OR_RETURN(const rpc::Page from,
                                           rpc::ReadPage(call, request, {paging::Part::kTime, paging::Part::kUuid}));
                      XXT_ASSIGN_OR_RETURN(
                          const app::Page<RuleNote> page,
                          app::ListRuleNotes(session, BodyIdOf(request.parent()), from.after, from.size, call.now));
                      for (const RuleNote& note : page.items) ToProto(note, response.add_rule_notes());
                      if (!page.next.empty()) response.set_next_page_token(from.TokenAfter(page.next));
                      return absl::OkStatus();
                    });
}

}  // namespace xxt::referral
