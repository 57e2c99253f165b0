#ifndef XXT_SERVICES_INTAKE_API_DUTY_SERVICE_H_
#define XXT_SERVICES_INTAKE_API_DUTY_SERVICE_H_

#include "common/rpc/edge.h"
#include "services/intake/app/duty.h"
#include "xixinting/intake/v1/duty_service.grpc.pb.h"

namespace xxt::intake::api {

// DutyService, as its proto says. Thread-safe.
class DutyService final : public ::xixinting::intake::v1::DutyService::CallbackService {
 public:
  // Both must outlive this.
  DutyService(rpc::Edge& edge, DutyCache& duties) : edge_(edge), duties_(duties) {}

  grpc::ServerUnaryReactor* ListHalls(grpc::CallbackServerContext* context,
                                      const ::xixinting::intake::v1::ListHallsRequest* request,
                                      ::xixinting::intake::v1::ListHallsResponse* response) override;
  grpc::ServerUnaryReactor* GetHall(grpc::CallbackServerContext* context,
                                    const ::xixinting::intake::v1::GetHallRequest* request,
                                    ::xixinting::intake::v1::Hall* response) override;
  grpc::ServerUnaryReactor* ListStaff(grpc::CallbackServerContext* context,
                                      const ::xixinting::intake::v1::ListStaffRequest* request,
                                      ::xixinting::intake::v1::ListStaffResponse* response) override;
  grpc::ServerUnaryReactor* GetStaff(grpc::CallbackServerContext* context,
                                     const ::xixinting::intake::v1::GetStaffRequest* request,
                                     ::xixinting::intake::v1::Staff* response) override;
  grpc::ServerUnaryReactor* GetRota(grpc::CallbackServerContext* context,
                                    const ::xixinting::intake::v1::GetRotaRequest* request,
                                    ::xixinting::intake::v1::Rota* response) override;
  grpc::ServerUnaryReactor* ReplaceRota(grpc::CallbackServerContext* context,
                                        const ::xixinting::intake::v1::ReplaceRotaRequest* request,
                                        ::xixinting::intake::v1::Rota* response) override;
  grpc::ServerUnaryReactor* LookupDutyOfficer(grpc::CallbackServerContext* context,
                                              const ::xixinting::intake::v1::LookupDutyOfficerRequest* request,
                                              ::xixinting::intake::v1::LookupDutyOfficerResponse* response) override;

 private:
  rpc::Edge& edge_;
  DutyCache& duties_;
};

}  // namespace xxt::intake::api

#endif  // XXT_SERVICES_INTAKE_API_DUTY_SERVICE_H_
