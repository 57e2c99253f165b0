#ifndef XXT_SERVICES_INTAKE_CASES_NOTIFICATION_PEER_H_
#define XXT_SERVICES_INTAKE_CASES_NOTIFICATION_PEER_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/concurrency/steady_time.h"
#include "services/intake/cases/telling_rules.h"

namespace xxt::rpc {
class Client;
}

namespace xxt::intake {

// A party as messages are told to it. Personal data: goes to the notification
// service only.
struct Addressee {
  std::string case_name;
  std::string audience;  // "cases/{case}/parties/{party}"
  std::string display_name;
  std::string phone_number;
  bool no_sms = false;
  std::string language_code;
  std::int64_t recipient_revision = 0;  // how often the party had been corrected
};

// A message and whom it is for.
struct AddressedMessage : Addressee {
  Message message;
  std::int64_t last_day_revision = 0;  // of the referral that the message names
  std::string hall;
};

// The notification service. Thread-safe.
class Notification {
 public:
  virtual ~Notification() = default;
  // Hands `message` over. The same request_id, or the same event of the same
  // case, is told once, however often it is handed over. Returns the service's
  // status; common/rpc/peer_answer.h says what it means for the task.
  virtual absl::Status Tell(const AddressedMessage& message, const std::string& request_id, SteadyTime deadline) = 0;
  // Lets the party's messages that are not over be told as `right` says. Harmless
  // however often, in any order: the highest revision stays.
  virtual absl::Status CorrectRecipient(const Addressee& right, const std::string& request_id, SteadyTime deadline) = 0;
};

// Over gRPC. `client` must outlive the result.
std::unique_ptr<Notification> MakeNotificationClient(rpc::Client& client);

}  // namespace xxt::intake

#endif  // XXT_SERVICES_INTAKE_CASES_NOTIFICATION_PEER_H_
