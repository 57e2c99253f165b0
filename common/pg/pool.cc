#include "common/pg/pool.h"

#include <utility>

#include "absl/time/clock.h"
#include "common/pg/connection.h"
#include "common/pg/shared_commit.h"
#include "common/status/errors.h"

namespace xxt::pg {

Pool::Pool(PoolOptions options) : options_(std::move(options)), shared_commit_(std::make_unique<SharedCommit>(*this)) {}

Pool::~Pool() = default;

absl::StatusOr<std::unique_ptr<Connection>> Pool::Acquire(absl::Time deadline) {
  {
    const MutexLock lock(mu_);
    while (in_use_ >= options_.connections) {
      if (!changed_.WaitUntil(mu_, deadline) && absl::Now() >= deadline) {
        return errors::DeadlineExceeded("a database connection");
      }
    }
    ++in_use_;
    if (!idle_.empty()) {
      std::unique_ptr<Connection> connection = std::move(idle_.back());
      idle_.pop_back();
      return connection;
    }
  }
  absl::StatusOr<std::unique_ptr<Connection>> opened = Connection::Open(options_, deadline);
  if (!opened.ok()) Release(nullptr);
  return opened;
}

void Pool::Release(std::unique_ptr<Connection> connection) {
  std::vector<std::unique_ptr<Connection>> stale;
  {
    const MutexLock lock(mu_);
    --in_use_;
    if (connection != nullptr) {
      idle_.push_back(std::move(connection));
    } else {
      // One connection broke: the idle ones most likely did, too.
      stale.swap(idle_);
    }
  }
  changed_.Signal();
}

int Pool::in_use() const {
  const MutexLock lock(mu_);
  return in_use_;
}

}  // namespace xxt::pg
