#ifndef XXT_SERVICES_NOTIFICATION_API_MESSAGE_SERVICE_H_
#define XXT_SERVICES_NOTIFICATION_API_MESSAGE_SERVICE_H_

#include "common/rpc/edge.h"
#include "services/notification/domain/catalogue.h"
#include "services/notification/domain/sending_policy.h"
#include "xixinting/notification/v1/message_service.grpc.pb.h"

namespace xxt::notification {
class IntakeClient;
}

namespace xxt::notification::api {

// MessageService, as its proto says. Thread-safe.
class MessageService final : public ::xixinting::notification::v1::MessageService::CallbackService {
 public:
  // All must outlive this.
  MessageService(rpc::Edge& edge, const Catalogue& catalogue, const SendingPolicy& policy, IntakeClient& intake)
      : edge_(edge), catalogue_(catalogue), policy_(policy), intake_(intake) {}

  grpc::ServerUnaryReactor* CreateMessage(grpc::CallbackServerContext* context,
                                          const ::xixinting::notification::v1::CreateMessageRequest* request,
                                          ::xixinting::notification::v1::Message* response) override;
  grpc::ServerUnaryReactor* PreviewMessage(grpc::CallbackServerContext* context,
                                           const ::xixinting::notification::v1::PreviewMessageRequest* request,
                                           ::xixinting::notification::v1::PreviewMessageResponse* response) override;
  grpc::ServerUnaryReactor* GetMessage(grpc::CallbackServerContext* context,
                                       const ::xixinting::notification::v1::GetMessageRequest* request,
                                       ::xixinting::notification::v1::Message* response) override;
  grpc::ServerUnaryReactor* ListMessages(grpc::CallbackServerContext* context,
                                         const ::xixinting::notification::v1::ListMessagesRequest* request,
                                         ::xixinting::notification::v1::ListMessagesResponse* response) override;
  grpc::ServerUnaryReactor* ResolveInDoubt(grpc::CallbackServerContext* context,
                                           const ::xixinting::notification::v1::ResolveInDoubtRequest* request,
                                           ::xixinting::notification::v1::Message* response) override;
  grpc::ServerUnaryReactor* CorrectRecipient(
      grpc::CallbackServerContext* context, const ::xixinting::notification::v1::CorrectRecipientRequest* request,
      ::xixinting::notification::v1::CorrectRecipientResponse* response) override;

 private:
  rpc::Edge& edge_;
  const Catalogue& catalogue_;
  const SendingPolicy& policy_;
  IntakeClient& intake_;
};

}  // namespace xxt::notification::api

#endif  // XXT_SERVICES_NOTIFICATION_API_MESSAGE_SERVICE_H_
