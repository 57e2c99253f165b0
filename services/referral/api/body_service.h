#ifndef XXT_SERVICES_REFERRAL_API_BODY_SERVICE_H_
#define XXT_SERVICES_REFERRAL_API_BODY_SERVICE_H_

#include "common/rpc/edge.h"
#include "xixinting/referral/v1/body_service.grpc.pb.h"

namespace xxt::referral {

// BodyService over the edge. Thread-safe.
class BodyService final : public xixinting::referral::v1::BodyService::CallbackService {
 public:
  // `edge` must outlive this.
  explicit BodyService(rpc::Edge& edge) : edge_(edge) {}

  grpc::ServerUnaryReactor* ListBodies(grpc::CallbackServerContext* context,
                                       const xixinting::referral::v1::ListBodiesRequest* request,
                                       xixinting::referral::v1::ListBodiesResponse* response) override;
  grpc::ServerUnaryReactor* GetBody(grpc::CallbackServerContext* context,
                                    const xixinting::referral::v1::GetBodyRequest* request,
                                    xixinting::referral::v1::Body* response) override;
  grpc::ServerUnaryReactor* CreateRuleNote(grpc::CallbackServerContext* context,
                                           const xixinting::referral::v1::CreateRuleNoteRequest* request,
                                           xixinting::referral::v1::RuleNote* response) override;
  grpc::ServerUnaryReactor* GetRuleNote(grpc::CallbackServerContext* context,
                                        const xixinting::referral::v1::GetRuleNoteRequest* request,
                                        xixinting::referral::v1::RuleNote* response) override;
  grpc::ServerUnaryReactor* ListRuleNotes(grpc::CallbackServerContext* context,
                                          const xixinting::referral::v1::ListRuleNotesRequest* request,
                                          xixinting::referral::v1::ListRuleNotesResponse* response) override;

 private:
  rpc::Edge& edge_;
};

}  // namespace xxt::referral

#endif  // XXT_SERVICES_REFERRAL_API_BODY_SERVICE_H_
