#ifndef XXT_COMMON_SERVICE_HOUSEKEEPING_H_
#define XXT_COMMON_SERVICE_HOUSEKEEPING_H_

#include <prometheus/gauge.h>
#include <prometheus/registry.h>

#include <map>
#include <string>

#include "absl/time/time.h"
#include "common/concurrency/loop.h"
#include "common/concurrency/steady_time.h"
#include "common/pg/pool.h"

namespace xxt::service {

// Keeps a database's house (common/pg/migrations/*_house.sql): partitions in
// time, old rows away. Any number of replicas run one. Tells how many months
// ahead the partitions of each table reach, also while the database is away,
// and of rows for which there was none, however much there is to do.
class Housekeeping {
 public:
  // `pool` and `registry` outlive it.
  Housekeeping(pg::Pool& pool, prometheus::Registry& registry);

  // Lets what is being done finish, and does nothing more.
  void BeginStop() { loop_.BeginStop(); }

 private:
  absl::Duration Step();
  absl::Status Keep(SteadyTime deadline, bool* more);
  absl::Status ReadHealth(SteadyTime deadline);
  void SetMonthsAhead();

  pg::Pool& pool_;
  prometheus::Family<prometheus::Gauge>& months_ahead_;
  prometheus::Family<prometheus::Gauge>& stray_rows_;
  std::map<std::string, absl::Time> covered_until_;  // by table
  bool strays_ = false;                              // there were some when the health was read
  SteadyTime health_read_at_;
  Loop loop_;  // last: it uses the others
};

}  // namespace xxt::service

#endif  // XXT_COMMON_SERVICE_HOUSEKEEPING_H_
