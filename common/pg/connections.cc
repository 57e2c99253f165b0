#include "common/pg/connections.h"

#include <utility>

#include "common/status/errors.h"

namespace xxt::pg {

absl::StatusOr<std::unique_ptr<Connection>> Connections::Acquire(SteadyTime deadline) {
  {
    const MutexLock lock(mu_);
    while (in_use_ >= options_.connections) {
      // Whoever waits looks again after every wake-up: one that was meant for it is not lost.
      if (deadline.passed()) return errors::DeadlineExceeded("a database connection");
      changed_.WaitUntil(mu_, deadline);
    }
    ++in_use_;
    if (!idle_.empty()) {
      std::unique_ptr<Connection> connection = std::move(idle_.back());
      idle_.pop_back();
      return connection;
    }
  }
  absl::StatusOr<std::unique_ptr<Connection>> opened = Connection::Open(options_, deadline);
  if (!opened.ok()) FreePlace();
  return opened;
}

void Connections::Release(std::unique_ptr<Connection> connection) {
  {
    const MutexLock lock(mu_);
    idle_.push_back(std::move(connection));
  }
  FreePlace();
}

void Connections::Drop(std::unique_ptr<Connection> connection) {
  std::vector<std::unique_ptr<Connection>> stale;
  {
    const MutexLock lock(mu_);
    stale.swap(idle_);
  }
  stale.push_back(std::move(connection));
  FreePlace();
}

void Connections::FreePlace() {
  {
    const MutexLock lock(mu_);
    --in_use_;
  }
  changed_.Signal();
}

int Connections::in_use() const {
  const MutexLock lock(mu_);
  return in_use_;
}

}  // namespace xxt::pg
