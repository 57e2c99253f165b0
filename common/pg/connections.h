#ifndef XXT_COMMON_PG_CONNECTIONS_H_
#define XXT_COMMON_PG_CONNECTIONS_H_

#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "common/concurrency/mutex.h"
#include "common/concurrency/steady_time.h"
#include "common/pg/connection.h"
#include "common/pg/pool.h"

namespace xxt::pg {

// Hands out the connections of a pool, one to each caller, at most
// options.connections at a time. Thread-safe.
class Connections {
 public:
  explicit Connections(PoolOptions options) : options_(std::move(options)) {}

  // Waits for a free one. Errors: DEADLINE, STORE_UNAVAILABLE.
  absl::StatusOr<std::unique_ptr<Connection>> Acquire(SteadyTime deadline) XXT_EXCLUDES(mu_);
  // Takes one back that may be used again.
  void Release(std::unique_ptr<Connection> connection) XXT_EXCLUDES(mu_);
  // Takes one back that broke: the idle ones most likely did, too.
  void Drop(std::unique_ptr<Connection> connection) XXT_EXCLUDES(mu_);

  int in_use() const XXT_EXCLUDES(mu_);
  int limit() const { return options_.connections; }

 private:
  void FreePlace() XXT_EXCLUDES(mu_);

  const PoolOptions options_;
  mutable Mutex mu_;
  CondVar changed_;
  std::vector<std::unique_ptr<Connection>> idle_ XXT_GUARDED_BY(mu_);
  int in_use_ XXT_GUARDED_BY(mu_) = 0;
};

}  // namespace xxt::pg

#endif  // XXT_COMMON_PG_CONNECTIONS_H_
