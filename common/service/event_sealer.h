#ifndef XXT_COMMON_SERVICE_EVENT_SEALER_H_
#define XXT_COMMON_SERVICE_EVENT_SEALER_H_

#include <prometheus/gauge.h>
#include <prometheus/registry.h>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/concurrency/loop.h"
#include "common/pg/pool.h"
#include "common/seal/seal.h"

namespace xxt::service {

// Seals the ledger of a database (common/events/sealing.h), twice a second. Any number of replicas run one; one of them
// at a time seals. The log gets number and hash of each block, so that they are kept where no database is.
class EventSealer {
 public:
  // All outlive it.
  EventSealer(pg::Pool& pool, const seal::Keyring& keys, prometheus::Registry& registry);

  // Lets what is being done finish, and does nothing more.
  void BeginStop() { loop_.BeginStop(); }

 private:
  absl::Duration Step();
  absl::Status SealAll();

  pg::Pool& pool_;
  const seal::Keyring& keys_;
  prometheus::Gauge& unsealed_;
  Loop loop_;  // last: it uses the others
};

}  // namespace xxt::service

#endif  // XXT_COMMON_SERVICE_EVENT_SEALER_H_
