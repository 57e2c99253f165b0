#ifndef XXT_SERVICES_REFERRAL_API_REFERRAL_SERVICE_H_
#define XXT_SERVICES_REFERRAL_API_REFERRAL_SERVICE_H_

#include <utility>

#include "common/rpc/edge.h"
#include "common/rpc/watch.h"
#include "common/seal/seal.h"
#include "services/referral/app/machine_tasks.h"
#include "services/referral/app/settings.h"
#include "xixinting/referral/v1/referral_service.grpc.pb.h"

namespace xxt::referral {

// ReferralService over the edge. Watches write bytes that they share. Thread-safe.
class ReferralService final : public xixinting::referral::v1::ReferralService::WithRawCallbackMethod_WatchReferrals<
                                  xixinting::referral::v1::ReferralService::CallbackService> {
 public:
  // All must outlive this.
  ReferralService(rpc::Edge& edge, rpc::Watcher& watcher, const seal::Keyring& keys, const app::Settings& settings,
                  app::LookUpCase look_up_case)
      : edge_(edge), watcher_(watcher), keys_(keys), settings_(settings), look_up_case_(std::move(look_up_case)) {}

  grpc::ServerUnaryReactor* CreateReferral(grpc::CallbackServerContext* context,
                                           const xixinting::referral::v1::CreateReferralRequest* request,
                                           xixinting::referral::v1::Referral* response) override;
  grpc::ServerUnaryReactor* GetReferral(grpc::CallbackServerContext* context,
                                        const xixinting::referral::v1::GetReferralRequest* request,
                                        xixinting::referral::v1::Referral* response) override;
  grpc::ServerUnaryReactor* ListReferrals(grpc::CallbackServerContext* context,
                                          const xixinting::referral::v1::ListReferralsRequest* request,
                                          xixinting::referral::v1::ListReferralsResponse* response) override;
  grpc::ServerUnaryReactor* CreateEntry(grpc::CallbackServerContext* context,
                                        const xixinting::referral::v1::CreateEntryRequest* request,
                                        xixinting::referral::v1::Entry* response) override;
  grpc::ServerUnaryReactor* GetEntry(grpc::CallbackServerContext* context,
                                     const xixinting::referral::v1::GetEntryRequest* request,
                                     xixinting::referral::v1::Entry* response) override;
  grpc::ServerUnaryReactor* ListEntries(grpc::CallbackServerContext* context,
                                        const xixinting::referral::v1::ListEntriesRequest* request,
                                        xixinting::referral::v1::ListEntriesResponse* response) override;
  grpc::ServerUnaryReactor* RecordReply(grpc::CallbackServerContext* context,
                                        const xixinting::referral::v1::RecordReplyRequest* request,
                                        xixinting::referral::v1::Referral* response) override;
  grpc::ServerUnaryReactor* SetCutOff(grpc::CallbackServerContext* context,
                                      const xixinting::referral::v1::SetCutOffRequest* request,
                                      xixinting::referral::v1::Referral* response) override;
  grpc::ServerUnaryReactor* CancelReferral(grpc::CallbackServerContext* context,
                                           const xixinting::referral::v1::CancelReferralRequest* request,
                                           xixinting::referral::v1::Referral* response) override;
  grpc::ServerUnaryReactor* GetAttachment(grpc::CallbackServerContext* context,
                                          const xixinting::referral::v1::GetAttachmentRequest* request,
                                          xixinting::referral::v1::GetAttachmentResponse* response) override;
  grpc::ServerUnaryReactor* ListUnmatchedMails(grpc::CallbackServerContext* context,
                                               const xixinting::referral::v1::ListUnmatchedMailsRequest* request,
                                               xixinting::referral::v1::ListUnmatchedMailsResponse* response) override;
  grpc::ServerUnaryReactor* FileUnmatchedMail(grpc::CallbackServerContext* context,
                                              const xixinting::referral::v1::FileUnmatchedMailRequest* request,
                                              xixinting::referral::v1::FileUnmatchedMailResponse* response) override;
  grpc::ServerWriteReactor<grpc::ByteBuffer>* WatchReferrals(grpc::CallbackServerContext* context,
                                                             const grpc::ByteBuffer* request) override;

 private:
  rpc::Edge& edge_;
  rpc::Watcher& watcher_;
  const seal::Keyring& keys_;
  const app::Settings& settings_;
  const app::LookUpCase look_up_case_;
};

}  // namespace xxt::referral

#endif  // XXT_SERVICES_REFERRAL_API_REFERRAL_SERVICE_H_
