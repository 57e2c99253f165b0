#include "common/pg/lease.h"

namespace xxt::pg {

std::optional<Failure> FlushOn(std::optional<Lease>& lease, Pool& pool, const std::vector<Connection::Pending>& pending,
                               SteadyTime deadline, std::vector<Result>* results) {
  if (!lease.has_value()) {
    absl::StatusOr<Lease> taken = Lease::Take(pool, deadline);
    if (!taken.ok()) return Failure{Failure::Kind::kUnsent, taken.status()};
    lease.emplace(*std::move(taken));
  }
  std::optional<Failure> failure = lease->connection().Flush(pending, deadline, results);
  if (failure.has_value() && failure->lost()) lease->Drop();
  return failure;
}

}  // namespace xxt::pg
