#include "services/intake/api/duty_service.h"

#include "common/rpc/page.h"
#include "common/rpc/timestamp.h"
#include "common/status/macros.h"
#include "services/intake/api/convert.h"
#include "services/intake/app/duty.h"

namespace xxt::intake::api {

grpc::ServerUnaryReactor* DutyService::ListHalls(grpc::CallbackServerContext* context,
                                                 const v1::ListHallsRequest* request, v1::ListHallsResponse* response) {
  return edge_.Read(context, request, response,
                    [](const rpc::Call& call, pg::Session& session, const auto& asked, auto& answer) -> absl::Status {
                      XXT_ASSIGN_OR_RETURN(const rpc::Page from, rpc::ReadPage(call, asked, {paging::Part::kText}));
                      XXT_ASSIGN_OR_RETURN(const app::HallPage page,
                                           app::ListHalls(session, from.after.empty() ? "" : from.after[0], from.size));
                      for (const Hall& hall : page.halls) ToProto(hall, answer.add_halls());
                      if (!page.next_after.empty()) {
                        answer.set_next_page_token(from.TokenAfter({page.next_after}));
                      }
                      return absl::OkStatus();
                    });
}

grpc::ServerUnaryReactor* DutyService::GetHall(grpc::CallbackServerContext* context, const v1::GetHallRequest* request,
                                               v1::Hall* response) {
  return edge_.Read(context, request, response,
                    [](const rpc::Call&, pg::Session& session, const auto& asked, auto& answer) -> absl::Status {
                      XXT_ASSIGN_OR_RETURN(const Hall hall, app::GetHall(session, asked.name()));
                      ToProto(hall, &answer);
                      return absl::OkStatus();
                    });
}

grpc::ServerUnaryReactor* DutyService::ListStaff(grpc::CallbackServerContext* context,
                                                 const v1::ListStaffRequest* request, v1::ListStaffResponse* response) {
  return edge_.Read(context, request, response,
                    [](const rpc::Call& call, pg::Session& session, const auto& asked, auto& answer) -> absl::Status {
                      XXT_ASSIGN_OR_RETURN(const rpc::Page from, rpc::ReadPage(call, asked, {paging::Part::kText}));
                      XXT_ASSIGN_OR_RETURN(
                          const app::StaffPage page,
                          app::ListStaff(session, asked.hall(), from.after.empty() ? "" : from.after[0], from.size));
                      for (const Staff& person : page.people) ToProto(person, answer.add_staff());
                      if (!page.next_after.empty()) answer.set_next_page_token(from.TokenAfter({page.next_after}));
                      return absl::OkStatus();
                    });
}

grpc::ServerUnaryReactor* DutyService::GetStaff(grpc::CallbackServerContext* context,
                                                const v1::GetStaffRequest* request, v1::Staff* response) {
  return edge_.Read(context, request, response,
                    [](const rpc::Call&, pg::Session& session, const auto& asked, auto& answer) -> absl::Status {
                      XXT_ASSIGN_OR_RETURN(const Staff person, app::GetStaff(session, asked.name()));
                      ToProto(person, &answer);
                      return absl::OkStatus();
                    });
}

grpc::ServerUnaryReactor* DutyService::GetRota(grpc::CallbackServerContext* context, const v1::GetRotaRequest* request,
                                               v1::Rota* response) {
  return edge_.Read(context, request, response,
                    [](const rpc::Call& call, pg::Session& session, const auto& asked, auto& answer) -> absl::Status {
                      XXT_ASSIGN_OR_RETURN(const app::Rota rota, app::GetRota(session, call.caller, asked.hall(),
                                                                              rpc::FromProto(asked.day())));
                      ToProto(rota, &answer);
                      return absl::OkStatus();
                    });
}

grpc::ServerUnaryReactor* DutyService::ReplaceRota(grpc::CallbackServerContext* context,
                                                   const v1::ReplaceRotaRequest* request, v1::Rota* response) {
  return edge_.Change(
      context, request, response,
      [this](const rpc::Call& call, pg::Session& session, const auto& asked, auto& answer) -> absl::Status {
        XXT_ASSIGN_OR_RETURN(const app::Rota rota,
                             app::ReplaceRota(session, duties_, call.caller, FromProto(asked.rota()), call.now));
        ToProto(rota, &answer);
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* DutyService::LookupDutyOfficer(grpc::CallbackServerContext* context,
                                                         const v1::LookupDutyOfficerRequest* request,
                                                         v1::LookupDutyOfficerResponse* response) {
  return edge_.Read(context, request, response,
                    [](const rpc::Call& call, pg::Session& session, const auto& asked, auto& answer) -> absl::Status {
                      const absl::Time at = asked.has_at_time() ? rpc::FromProto(asked.at_time()) : call.now;
                      XXT_ASSIGN_OR_RETURN(const app::DutyOfficer officer,
                                           app::LookupDutyOfficer(session, asked.hall(), at));
                      ToProto(officer, &answer);
                      return absl::OkStatus();
                    });
}

}  // namespace xxt::intake::api
