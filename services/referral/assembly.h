#ifndef XXT_SERVICES_REFERRAL_ASSEMBLY_H_
#define XXT_SERVICES_REFERRAL_ASSEMBLY_H_

#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "common/edge/edge.h"
#include "common/edge/slice.h"
#include "common/rpc/client.h"
#include "common/seal/seal.h"
#include "common/service/base.h"
#include "common/service/front.h"
#include "common/smtp/sender.h"
#include "common/tasks/engine.h"
#include "common/tasks/task.h"
#include "services/referral/config.h"
#include "services/referral/mail/mail_fetcher.h"
#include "services/referral/mail/mailbox.h"
#include "services/referral/referrals/intake_peer.h"

namespace xxt::referral {

// All of the service, in the order of who needs whom: main runs one, and so do
// the contract tests.
class Assembly {
 public:
  // Starts everything and listens. Needs no store yet: until PostgreSQL
  // answers, health says NOT_SERVING.
  // Errors: INVALID_ARGUMENT (keys, key file, certificates, clock), UNAVAILABLE (an address is taken).
  static absl::StatusOr<std::unique_ptr<Assembly>> Start(const Config& config);
  ~Assembly();

  int port() const { return front_.port(); }

  // Stops as an operator wants it: streams end, running calls and tasks finish,
  // the mailbox is left alone after the mail that is being read. Idempotent;
  // the destructor does it too.
  void Drain();

 private:
  Assembly(const Config& config, std::unique_ptr<service::Base> base, seal::Keyring keys);
  void ReadMailbox();

  const Config config_;
  const std::unique_ptr<service::Base> base_;
  const seal::Keyring keys_;
  const edge::Host host_;
  const rpc::Client intake_channel_;
  const std::unique_ptr<Intake> intake_;
  const smtp::Sender mail_sender_;
  const std::vector<edge::Slice> slices_;
  const std::vector<tasks::DeskKind> desk_kinds_;
  tasks::Engine engine_;
  service::Front front_;
  edge::Edge edge_;
  const std::vector<std::unique_ptr<grpc::Service>> services_;  // of the slices
  mail::Mailbox mailbox_;
  std::unique_ptr<MailLoop> mail_loop_;
};

}  // namespace xxt::referral

#endif  // XXT_SERVICES_REFERRAL_ASSEMBLY_H_
