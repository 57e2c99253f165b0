#include "services/intake/cases/notification_peer.h"

#include "common/rpc/client.h"
#include "xixinting/notification/v1/message.grpc.pb.h"

namespace xxt::intake {
namespace {

using Messages = messages::MessageService::Stub;

class GrpcNotification final : public Notification {
 public:
  explicit GrpcNotification(const rpc::Client& client)
      : client_(client), messages_(messages::MessageService::NewStub(client.channel())) {}

  absl::Status Tell(const messages::CreateMessageRequest& request, SteadyTime deadline) override {
    messages::Message response;
    return client_.Call(*messages_, &Messages::CreateMessage, request, &response, deadline);
  }

  absl::Status CorrectRecipient(const messages::CorrectRecipientRequest& request, SteadyTime deadline) override {
    messages::CorrectRecipientResponse response;
    return client_.Call(*messages_, &Messages::CorrectRecipient, request, &response, deadline);
  }

 private:
  const rpc::Client& client_;
  const std::unique_ptr<Messages> messages_;
};

}  // namespace

std::unique_ptr<Notification> MakeNotificationClient(const rpc::Client& client) {
  return std::make_unique<GrpcNotification>(client);
}

}  // namespace xxt::intake
