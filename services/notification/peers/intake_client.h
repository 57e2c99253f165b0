#ifndef XXT_SERVICES_NOTIFICATION_PEERS_INTAKE_CLIENT_H_
#define XXT_SERVICES_NOTIFICATION_PEERS_INTAKE_CLIENT_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/concurrency/steady_time.h"
#include "services/notification/domain/message.h"

namespace xxt::rpc {
class Client;
}

namespace xxt::notification {

// What the case is told of a message.
struct CaseReport {
  std::string request_id;  // UUID; the same report carries the same one
  std::string message_name;
  std::string case_name;
  MessageState state = MessageState::kDelivered;  // any but kSending and kSuppressed
  Channel channel = Channel::kSms;
  std::string text;  // the words that were told. Personal data
  absl::Time time;
};

// The intake service, as far as messages need it. Thread-safe.
class IntakeClient {
 public:
  // `client` must outlive this.
  explicit IntakeClient(const rpc::Client& client);
  ~IntakeClient();

  // Writes what became of a message into its case. Repeating it is harmless.
  // Errors: intake's; those for which IsForNow() is true may pass by.
  absl::Status ReportMessage(const CaseReport& report, SteadyTime deadline);

  // True if the same call may succeed later: the peer was away or busy, or its
  // answer was lost.
  static bool IsForNow(const absl::Status& status);

 private:
  struct Stub;
  const rpc::Client& client_;
  const std::unique_ptr<Stub> stub_;
};

}  // namespace xxt::notification

#endif  // XXT_SERVICES_NOTIFICATION_PEERS_INTAKE_CLIENT_H_
