#ifndef XXT_SERVICES_INTAKE_PEERS_NOTIFICATION_H_
#define XXT_SERVICES_INTAKE_PEERS_NOTIFICATION_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/concurrency/steady_time.h"
#include "services/intake/domain/message.h"

namespace xxt::rpc {
class Client;
}

namespace xxt::intake {

// A message and whom it is for.
struct AddressedMessage {
  Message message;
  std::int64_t last_day_revision = 0;  // of the referral that the message names
  std::string case_name;
  std::string hall;
  std::string audience;  // "cases/{case}/parties/{party}"
  // The recipient. Personal data: goes to the notification service only.
  std::string display_name;
  std::string phone_number;
  bool no_sms = false;
  std::string language_code;
};

// The notification service. Thread-safe.
class Notification {
 public:
  virtual ~Notification() = default;
  // Hands `message` over. The same request_id, or the same event of the same
  // case, is told once, however often it is handed over. Answers the service's
  // status; common/rpc/peer_answer.h says what it means for the task.
  virtual absl::Status Tell(const AddressedMessage& message, const std::string& request_id, SteadyTime deadline) = 0;
};

// Over gRPC. `client` must outlive the result.
std::unique_ptr<Notification> MakeNotificationClient(rpc::Client& client);

}  // namespace xxt::intake

#endif  // XXT_SERVICES_INTAKE_PEERS_NOTIFICATION_H_
