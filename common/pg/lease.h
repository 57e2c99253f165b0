#ifndef XXT_COMMON_PG_LEASE_H_
#define XXT_COMMON_PG_LEASE_H_

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/pg/connection.h"
#include "common/pg/pool.h"

namespace xxt::pg {

// A connection in use; goes back to the pool, or is thrown away if it broke.
class Lease {
 public:
  // Waits for a free connection. Errors: DEADLINE, STORE_UNAVAILABLE.
  static absl::StatusOr<Lease> Take(Pool& pool, absl::Time deadline) {
    absl::StatusOr<std::unique_ptr<Connection>> connection = pool.Acquire(deadline);
    if (!connection.ok()) return connection.status();
    return Lease(pool, *std::move(connection));
  }
  Lease(Lease&&) = default;
  Lease& operator=(Lease&&) = delete;
  ~Lease() {
    if (connection_ != nullptr || dropped_) pool_.Release(std::move(connection_));
  }
  Connection& connection() { return *connection_; }
  // The connection is of no use any more.
  void Drop() {
    connection_.reset();
    dropped_ = true;
  }

 private:
  Lease(Pool& pool, std::unique_ptr<Connection> connection) : pool_(pool), connection_(std::move(connection)) {}
  Pool& pool_;
  std::unique_ptr<Connection> connection_;
  bool dropped_ = false;
};

// Sends `pending` on `lease`, which takes a connection from `pool` if it has
// none, and is dropped if that breaks.
std::optional<Failure> FlushOn(std::optional<Lease>& lease, Pool& pool, const std::vector<Connection::Pending>& pending,
                               absl::Time deadline, std::vector<Result>* results);

}  // namespace xxt::pg

#endif  // XXT_COMMON_PG_LEASE_H_
