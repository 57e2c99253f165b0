#ifndef XXT_SERVICES_INTAKE_CASES_NOTIFICATION_PEER_H_
#define XXT_SERVICES_INTAKE_CASES_NOTIFICATION_PEER_H_

#include <memory>

#include "absl/status/status.h"
#include "common/concurrency/steady_time.h"
#include "xixinting/notification/v1/message.pb.h"

namespace xxt::rpc {
class Client;
}

namespace xxt::intake {

namespace messages = ::xixinting::notification::v1;

// The notification service. Thread-safe.
class Notification {
 public:
  virtual ~Notification() = default;
  // Hands a message over. The same request_id, or the same event of the same
  // case, is told once, however often it is handed over. Returns the service's
  // status; common/rpc/peer_answer.h says what it means for the task.
  virtual absl::Status Tell(const messages::CreateMessageRequest& request, SteadyTime deadline) = 0;
  // Lets the party's messages that are not over be told as the request says.
  // Harmless however often, in any order: the highest revision stays.
  virtual absl::Status CorrectRecipient(const messages::CorrectRecipientRequest& request, SteadyTime deadline) = 0;
};

// Over gRPC. `client` must outlive the result.
std::unique_ptr<Notification> MakeNotificationClient(const rpc::Client& client);

}  // namespace xxt::intake

#endif  // XXT_SERVICES_INTAKE_CASES_NOTIFICATION_PEER_H_
