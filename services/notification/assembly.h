#ifndef XXT_SERVICES_NOTIFICATION_ASSEMBLY_H_
#define XXT_SERVICES_NOTIFICATION_ASSEMBLY_H_

#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "common/concurrency/loop.h"
#include "common/rpc/client.h"
#include "common/service/base.h"
#include "common/service/front.h"
#include "common/tasks/engine.h"
#include "services/notification/api/message_service.h"
#include "services/notification/config.h"
#include "services/notification/domain/catalogue.h"
#include "services/notification/domain/sending_policy.h"
#include "services/notification/peers/intake_client.h"
#include "services/notification/peers/sms_gateway.h"

namespace xxt::notification {

// All of the service, in the order of who needs whom: main runs one, and so do
// the contract tests.
class Assembly {
 public:
  // Starts everything and listens. Needs no store yet: until PostgreSQL
  // answers, health says NOT_SERVING.
  // Errors: INVALID_ARGUMENT (configuration, keys, clock, templates),
  // UNAVAILABLE (an address is taken).
  static absl::StatusOr<std::unique_ptr<Assembly>> Start(const Config& config);
  ~Assembly();

  int port() const { return front_.port(); }

  // Stops as an operator wants it: running calls and tasks finish.
  // Idempotent; the destructor does it too.
  void Drain();

 private:
  Assembly(const Config& config, Catalogue catalogue, SendingPolicy policy, std::unique_ptr<service::Base> base);

  // Reads receipts once; answers how long to pause.
  absl::Duration ReadReceipts();

  const Config config_;
  const Catalogue catalogue_;
  const SendingPolicy policy_;
  const std::unique_ptr<service::Base> base_;
  rpc::Client intake_channel_;
  IntakeClient intake_;
  SmsGateway gateway_;
  const std::vector<tasks::DeskKind> desk_kinds_;
  tasks::Engine engine_;
  service::Front front_;
  api::MessageService messages_;
  std::unique_ptr<Loop> receipts_;  // none if the gateway gives none
};

}  // namespace xxt::notification

#endif  // XXT_SERVICES_NOTIFICATION_ASSEMBLY_H_
