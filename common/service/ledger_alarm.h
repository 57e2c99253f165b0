#ifndef XXT_COMMON_SERVICE_LEDGER_ALARM_H_
#define XXT_COMMON_SERVICE_LEDGER_ALARM_H_

#include <prometheus/registry.h>

#include "common/concurrency/loop.h"
#include "common/pg/pool.h"

namespace xxt::service {

// Looks every 15 seconds at what keeps events from being told, and tells it:
// as metrics always, in the log if it lasts too long. The horizon is that of
// the whole PostgreSQL cluster: a forgotten prepared transaction of a stranger
// silences every watch.
class LedgerAlarm {
 public:
  // Both must outlive this.
  LedgerAlarm(pg::Pool& pool, prometheus::Registry& registry);

 private:
  Loop loop_;
};

}  // namespace xxt::service

#endif  // XXT_COMMON_SERVICE_LEDGER_ALARM_H_
