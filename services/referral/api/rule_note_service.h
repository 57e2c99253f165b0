#ifndef XXT_SERVICES_REFERRAL_API_RULE_NOTE_SERVICE_H_
#define XXT_SERVICES_REFERRAL_API_RULE_NOTE_SERVICE_H_

#include "common/rpc/edge.h"
#include "xixinting/referral/v1/rule_note.grpc.pb.h"

namespace xxt::referral {

// RuleNoteService over the edge. Thread-safe.
class RuleNoteService final : public xixinting::referral::v1::RuleNoteService::CallbackService {
 public:
  // `edge` must outlive this.
  explicit RuleNoteService(rpc::Edge& edge) : edge_(edge) {}

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

#endif  // XXT_SERVICES_REFERRAL_API_RULE_NOTE_SERVICE_H_
