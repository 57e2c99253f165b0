#ifndef XXT_SERVICES_NOTIFICATION_ASSEMBLY_H_
#define XXT_SERVICES_NOTIFICATION_ASSEMBLY_H_

#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "common/concurrency/loop.h"
#include "common/edge/edge.h"
#include "common/edge/slice.h"
#include "common/rpc/client.h"
#include "common/seal/seal.h"
#include "common/service/base.h"
#include "common/service/front.h"
#include "common/smtp/sender.h"
#include "common/tasks/engine.h"
#include "services/notification/channel/push_peer.h"
#include "services/notification/channel/sms_gateway_peer.h"
#include "services/notification/config.h"
#include "services/notification/message/intake_peer.h"
#include "services/notification/message/sending_policy_rules.h"
#include "services/notification/receipt/receipt.h"
#include "services/notification/template/catalogue.h"

namespace xxt::notification {

// All of the service, in the order of who needs whom: main runs one, and so do
// the contract tests.
class Assembly {
 public:
  // Starts everything and listens. Needs no store yet: until PostgreSQL
  // answers, health says NOT_SERVING.
  // Errors: INVALID_ARGUMENT (configuration, keys, key file, certificates, clock, templates),
  // UNAVAILABLE (an address is taken).
  static absl::StatusOr<std::unique_ptr<Assembly>> Start(const Config& config);
  ~Assembly();

  int port() const { return front_.port(); }

  // Stops as an operator wants it: running calls and tasks finish.
  // Idempotent; the destructor does it too.
  void Drain();

 private:
  Assembly(const Config& config, Catalogue catalogue, SendingPolicy policy, std::unique_ptr<service::Base> base,
           seal::Keyring keys);

  // Reads receipts once; returns how long to pause.
  absl::Duration ReadReceipts();

  const Config config_;
  const Catalogue catalogue_;
  const SendingPolicy policy_;
  const std::unique_ptr<service::Base> base_;
  const seal::Keyring keys_;
  const edge::Host host_;
  rpc::Client intake_client_;
  IntakeClient intake_;
  SmsGateway gateway_;
  const smtp::Sender mail_sender_;
  Wechat wechat_;
  Webhook webhook_;
  const receipt::Parts receipts_of_;
  const std::vector<edge::Slice> slices_;
  const std::vector<tasks::DeskKind> desk_kinds_;
  tasks::Engine engine_;
  service::Front front_;
  edge::Edge edge_;
  const std::vector<std::unique_ptr<grpc::Service>> services_;  // of the slices
  std::unique_ptr<Loop> receipts_;                              // none if the gateway gives none
};

}  // namespace xxt::notification

#endif  // XXT_SERVICES_NOTIFICATION_ASSEMBLY_H_
