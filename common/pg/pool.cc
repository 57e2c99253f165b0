#include "common/pg/pool.h"

#include <utility>

#include "common/pg/connections.h"
#include "common/pg/shared_commit.h"
#include "common/pg/shared_read.h"

namespace xxt::pg {

Pool::Pool(PoolOptions options)
    : connections_(std::make_unique<Connections>(std::move(options))),
      shared_commit_(std::make_unique<SharedCommit>(*this)),
      shared_read_(std::make_unique<SharedRead>(*this)) {}

Pool::~Pool() = default;

int Pool::in_use() const { return connections_->in_use(); }
int Pool::limit() const { return connections_->limit(); }

void Pool::Listen(Listener listener) {
  const MutexLock lock(listener_mu_);
  listener_ = std::move(listener);
}

void Pool::Tell(const std::vector<std::string>& news) {
  if (news.empty()) return;
  const MutexLock lock(listener_mu_);
  if (listener_) listener_(news);
}

}  // namespace xxt::pg
