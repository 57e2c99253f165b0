#ifndef XXT_SERVICES_INTAKE_CASES_SERIALS_H_
#define XXT_SERVICES_INTAKE_CASES_SERIALS_H_

#include <optional>

#include "absl/status/statusor.h"
#include "common/concurrency/mutex.h"
#include "common/concurrency/steady_time.h"
#include "common/pg/pool.h"

namespace xxt::intake {

// Gives out serials of display codes, 1 to 999900, in blocks of 100 from a
// sequence (hi/lo): a case knows its code before it is inserted, and no row is
// hot. A serial is given out once, until the sequence comes round; those of a
// block that was not used up, or of a transaction that was rolled back, are lost.
//
// Thread-safe.
class Serials {
 public:
  // Blocks are asked for on a connection of `pool`, which outlives it. None of
  // the transactions that call Next may hold one of that pool: they would wait
  // for each other.
  explicit Serials(pg::Pool& pool) : pool_(pool) {}

  // The next serial of the block, if there is one; never waits.
  std::optional<int> TryNext() XXT_EXCLUDES(mu_);

  // The next serial. Costs a transaction for every hundredth, which the others
  // wait for; each until its own `deadline`, and five seconds at most. If that
  // fails, it has failed for all who waited. Errors: those of pg::InTransaction.
  absl::StatusOr<int> Next(SteadyTime deadline);

 private:
  // Asks for a block until `deadline`, as the one who asks.
  absl::StatusOr<int> Take(SteadyTime deadline) XXT_EXCLUDES(mu_);

  pg::Pool& pool_;
  Mutex mu_;
  CondVar changed_;
  bool taking_ XXT_GUARDED_BY(mu_) = false;   // somebody asks for a block
  int asked_ XXT_GUARDED_BY(mu_) = 0;         // how often somebody has
  absl::Status failure_ XXT_GUARDED_BY(mu_);  // what became of it the last time, but for want of time
  int next_ XXT_GUARDED_BY(mu_) = 0;
  int end_ XXT_GUARDED_BY(mu_) = 0;  // first serial behind the block
};

}  // namespace xxt::intake

#endif  // XXT_SERVICES_INTAKE_CASES_SERIALS_H_
