#ifndef XXT_SERVICES_NOTIFICATION_MESSAGE_INTAKE_PEER_H_
#define XXT_SERVICES_NOTIFICATION_MESSAGE_INTAKE_PEER_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/concurrency/steady_time.h"
#include "xixinting/intake/v1/case.pb.h"
#include "xixinting/intake/v1/feed.pb.h"

namespace xxt::rpc {
class Client;
}

namespace xxt::notification {

// The intake service, as far as messages need it. Thread-safe.
class IntakeClient {
 public:
  // `client` must outlive this.
  explicit IntakeClient(const rpc::Client& client);
  virtual ~IntakeClient();

  // A case: of people, and not kept. Errors: RESOURCE_NOT_FOUND; PEER_UNAVAILABLE for
  // whatever may pass by.
  virtual absl::StatusOr<::xixinting::intake::v1::Case> LookUp(const std::string& case_name, SteadyTime deadline);

  // Writes what became of a message into its case. Repeating it is harmless.
  // Returns intake's status; common/rpc/peer_answer.h says what it means for
  // the task.
  absl::Status ReportMessage(const ::xixinting::intake::v1::ReportMessageRequest& report, SteadyTime deadline);

 private:
  struct Stubs;
  const rpc::Client& client_;
  const std::unique_ptr<Stubs> stubs_;
};

}  // namespace xxt::notification

#endif  // XXT_SERVICES_NOTIFICATION_MESSAGE_INTAKE_PEER_H_
