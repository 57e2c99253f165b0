#ifndef XXT_COMMON_PG_LEASE_H_
#define XXT_COMMON_PG_LEASE_H_

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/concurrency/steady_time.h"
#include "common/pg/connection.h"
#include "common/pg/connections.h"
#include "common/pg/pool.h"

namespace xxt::pg {

// A connection in use; goes back to the pool.
class Lease {
 public:
  // Waits for a free connection. Errors: DEADLINE, STORE_UNAVAILABLE.
  static absl::StatusOr<Lease> Take(Pool& pool, SteadyTime deadline) {
    absl::StatusOr<std::unique_ptr<Connection>> connection = pool.connections().Acquire(deadline);
    if (!connection.ok()) return connection.status();
    return Lease(pool.connections(), *std::move(connection));
  }
  Lease(Lease&&) = default;
  Lease& operator=(Lease&&) = delete;
  ~Lease() {
    if (connection_ != nullptr) connections_.Release(std::move(connection_));
  }
  Connection& connection() { return *connection_; }
  // The connection is of no use any more.
  void Drop() { connections_.Drop(std::move(connection_)); }

 private:
  Lease(Connections& connections, std::unique_ptr<Connection> connection)
      : connections_(connections), connection_(std::move(connection)) {}
  Connections& connections_;
  std::unique_ptr<Connection> connection_;
};

// Sends `pending` on `lease`, which takes a connection from `pool` if it has
// none, and is dropped if that breaks. A failure leaves a transaction as it was.
std::optional<Failure> FlushOn(std::optional<Lease>& lease, Pool& pool, const std::vector<Connection::Pending>& pending,
                               SteadyTime deadline, OnTimeout on_timeout, std::vector<Result>* results);

}  // namespace xxt::pg

#endif  // XXT_COMMON_PG_LEASE_H_
