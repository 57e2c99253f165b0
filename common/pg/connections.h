#ifndef XXT_COMMON_PG_CONNECTIONS_H_
#define XXT_COMMON_PG_CONNECTIONS_H_

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "common/concurrency/loop.h"
#include "common/concurrency/mutex.h"
#include "common/concurrency/steady_time.h"
#include "common/pg/backoff.h"
#include "common/pg/connection.h"
#include "common/pg/pool.h"

namespace xxt::pg {

// Hands out the connections of a pool, one to each caller, at most
// options.connections at a time. One that comes back with something under way
// or open is brought to rest first, on a thread of its own: cancelled where
// that is safe, waited for, rolled back. Until then it keeps its place, so that
// PostgreSQL never works for us on more than the limit. A server that does not
// take connections is asked again only after a pause (backoff.h). Thread-safe.
class Connections {
 public:
  explicit Connections(PoolOptions options);

  // Waits for a free one. Errors: DEADLINE, STORE_UNAVAILABLE, at once while one
  // would have to be opened in a pause.
  absl::StatusOr<std::unique_ptr<Connection>> Acquire(SteadyTime deadline) XXT_EXCLUDES(mu_);
  // Takes one back.
  void Release(std::unique_ptr<Connection> connection) XXT_EXCLUDES(mu_);
  // Takes one back that broke: the idle ones most likely did, too.
  void Drop(std::unique_ptr<Connection> connection) XXT_EXCLUDES(mu_);

  int in_use() const XXT_EXCLUDES(mu_);
  int limit() const { return options_.connections; }

 private:
  struct Tired {
    std::unique_ptr<Connection> connection;
    SteadyTime give_up;
    bool cancelled = false;
    bool doomed = false;  // a cancel may still reach it, whatever it does then
  };

  // Opens one, unless it is too early for the next try. Errors: STORE_UNAVAILABLE.
  absl::StatusOr<std::unique_ptr<Connection>> Open(SteadyTime deadline) XXT_EXCLUDES(mu_);
  void FreePlace() XXT_EXCLUDES(mu_);
  // One look at all that are tired; returns when to look again.
  absl::Duration Mend() XXT_EXCLUDES(mu_);
  // Asks PostgreSQL to cancel what `tired` have under way.
  void Cancel(std::vector<Tired>& tired);

  const PoolOptions options_;
  mutable Mutex mu_;
  CondVar changed_;
  std::vector<std::unique_ptr<Connection>> idle_ XXT_GUARDED_BY(mu_);
  std::vector<Tired> tired_ XXT_GUARDED_BY(mu_);
  int in_use_ XXT_GUARDED_BY(mu_) = 0;
  Backoff backoff_ XXT_GUARDED_BY(mu_);
  std::unique_ptr<Connection> canceller_;  // the mender's; none while there is nothing to cancel
  Loop mender_;
};

}  // namespace xxt::pg

#endif  // XXT_COMMON_PG_CONNECTIONS_H_
