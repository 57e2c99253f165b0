#include "common/pg/lease.h"

#include "common/status/errors.h"

namespace xxt::pg {

std::optional<Failure> FlushOn(std::optional<Lease>& lease, Pool& pool, const std::vector<Connection::Pending>& pending,
                               SteadyTime deadline, OnTimeout on_timeout, std::vector<Result>* results) {
  if (!lease.has_value()) {
    absl::StatusOr<Lease> taken = Lease::Take(pool, deadline);
    if (!taken.ok()) return Failure{Failure::Kind::kUnsent, taken.status()};
    lease.emplace(*std::move(taken));
  }
  // What nobody waits for any more is not begun.
  if (deadline.passed()) return Failure{Failure::Kind::kUnsent, errors::DeadlineExceeded("a database connection")};
  std::optional<Failure> failure = lease->connection().Flush(pending, deadline, on_timeout, results);
  if (failure.has_value() && failure->unusable()) lease->Drop();
  return failure;
}

}  // namespace xxt::pg
