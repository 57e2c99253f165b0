#ifndef XXT_SERVICES_INTAKE_ASSEMBLY_H_
#define XXT_SERVICES_INTAKE_ASSEMBLY_H_

#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "common/edge/edge.h"
#include "common/edge/slice.h"
#include "common/rpc/client.h"
#include "common/seal/seal.h"
#include "common/service/base.h"
#include "common/service/front.h"
#include "common/tasks/engine.h"
#include "services/intake/cases/notification_peer.h"
#include "services/intake/cases/serials.h"
#include "services/intake/config.h"
#include "services/intake/hall/duty_cache.h"

namespace xxt::intake {

// All of the service, in the order of who needs whom: main runs one, and so do
// the contract tests.
class Assembly {
 public:
  // Starts everything and listens. Needs no store yet: until PostgreSQL
  // answers, health says NOT_SERVING.
  // Errors: INVALID_ARGUMENT (keys, key file, certificates, clock), UNAVAILABLE (an address is taken).
  static absl::StatusOr<std::unique_ptr<Assembly>> Start(const Config& config);
  ~Assembly() { Drain(); }

  int port() const { return front_.port(); }

  // Stops as an operator wants it: streams end, running calls and tasks
  // finish. Idempotent; the destructor does it too.
  void Drain() { front_.Drain(); }

 private:
  Assembly(const Config& config, std::unique_ptr<service::Base> base, seal::Keyring keys);

  const Config config_;
  const std::unique_ptr<service::Base> base_;
  const seal::Keyring keys_;
  const edge::Host host_;
  rpc::Client notification_client_;
  const std::unique_ptr<Notification> notification_;
  Serials serials_;  // not on the requests' pool, whose connections wait for it
  hall::DutyCache duties_;
  const std::vector<edge::Slice> slices_;
  const std::vector<tasks::DeskKind> desk_kinds_;
  tasks::Engine engine_;
  service::Front front_;
  edge::Edge edge_;
  const std::vector<std::unique_ptr<grpc::Service>> services_;  // of the slices
};

}  // namespace xxt::intake

#endif  // XXT_SERVICES_INTAKE_ASSEMBLY_H_
