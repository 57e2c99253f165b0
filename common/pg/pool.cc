#include "common/pg/pool.h"

#include <algorithm>
#include <random>
#include <thread>
#include <utility>

#include "absl/time/clock.h"
#include "common/fault/crash_point.h"
#include "common/pg/connection.h"
#include "common/status/errors.h"

namespace xxt::pg {
namespace {

constexpr int kAttempts = 3;
constexpr Statement kBegin{"pg.begin", "BEGIN"};
constexpr Statement kCommit{"pg.commit", "COMMIT"};
constexpr Statement kRollback{"pg.rollback", "ROLLBACK"};
constexpr Statement kPing{"pg.ping", "SELECT 1"};

// Queues statements and flushes them on one connection.
class PipelineSession : public Session {
 public:
  PipelineSession(Connection& connection, absl::Time deadline) : connection_(connection), deadline_(deadline) {}

  std::size_t QueueParams(const Statement& statement, std::vector<Param> params) override {
    pending_.push_back({&statement, std::move(params)});
    return results_.size() + pending_.size() - 1;
  }

  absl::StatusOr<Result> RunParams(const Statement& statement, std::vector<Param> params) override {
    const std::size_t handle = QueueParams(statement, std::move(params));
    if (absl::Status status = Flush(); !status.ok()) return status;
    return Take(handle);
  }

  bool Has(std::size_t handle) const override { return handle < results_.size(); }
  Result Take(std::size_t handle) override { return std::move(results_.at(handle)); }

  absl::Status Flush() override {
    if (failure_.has_value()) return failure_->status;
    const std::vector<Connection::Pending> sending = std::exchange(pending_, {});
    if (sending.empty()) return absl::OkStatus();
    sent_ = true;
    failure_ = connection_.Flush(sending, deadline_, &results_);
    return failure_.has_value() ? failure_->status : absl::OkStatus();
  }

  void Forget() { pending_.clear(); }
  bool sent() const { return sent_; }
  const std::optional<Failure>& failure() const { return failure_; }
  bool usable() const {
    return !failure_.has_value() || failure_->kind == Failure::Kind::kStatement ||
           failure_->kind == Failure::Kind::kConflict;
  }
  void ClearFailure() { failure_.reset(); }

 private:
  Connection& connection_;
  const absl::Time deadline_;
  std::vector<Connection::Pending> pending_;
  std::vector<Result> results_;
  std::optional<Failure> failure_;
  bool sent_ = false;
};

void PauseBeforeRerun(int attempt, absl::Time deadline) {
  thread_local std::minstd_rand random(std::random_device{}());
  const absl::Duration most = absl::Milliseconds(10) * (1 << attempt);
  const absl::Duration pause = most * std::uniform_real_distribution<double>(0, 1)(random);
  if (absl::Now() + pause < deadline) std::this_thread::sleep_for(absl::ToChronoMilliseconds(pause));
}

}  // namespace

// A connection in use; goes back to the pool, or is thrown away if it broke.
class Lease {
 public:
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

Pool::Pool(PoolOptions options) : options_(std::move(options)) {}

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

absl::Status Pool::Ping(absl::Time deadline) {
  return Read(*this, deadline, [](Session& session) { return session.Run(kPing).status(); });
}

int Pool::in_use() const {
  const MutexLock lock(mu_);
  return in_use_;
}

namespace {

enum class Next { kReturn, kRerun };

// One try of a transaction on `lease`. kRerun with the status to answer if
// there is no try left.
std::pair<Next, absl::Status> TryTransaction(Lease& lease, absl::Time deadline,
                                             absl::FunctionRef<absl::Status(Session&)> body,
                                             OnUnknownCommit on_unknown) {
  PipelineSession session(lease.connection(), deadline);
  session.Queue(kBegin);
  absl::Status status = body(session);
  if (!session.failure().has_value() && status.ok()) {
    XXT_CRASH_POINT("pg.before_commit");
    session.Queue(kCommit);
    status = session.Flush();
    if (status.ok()) {
      XXT_CRASH_POINT("pg.after_commit");
      return {Next::kReturn, status};
    }
    if (!session.usable()) {
      lease.Drop();
      return on_unknown == OnUnknownCommit::kRerun ? std::pair(Next::kRerun, errors::OutcomeUnknown())
                                                   : std::pair(Next::kReturn, errors::OutcomeUnknown());
    }
  }
  const std::optional<Failure> failure = session.failure();
  if (!session.usable()) {
    lease.Drop();
    return {failure->kind == Failure::Kind::kBroken ? Next::kRerun : Next::kReturn, failure->status};
  }
  session.Forget();
  if (session.sent()) {
    session.ClearFailure();
    session.Queue(kRollback);
    if (!session.Flush().ok()) lease.Drop();
  }
  if (failure.has_value()) {
    return {failure->kind == Failure::Kind::kConflict ? Next::kRerun : Next::kReturn, failure->status};
  }
  return {Next::kReturn, status};
}

}  // namespace

absl::Status InTransaction(Pool& pool, absl::Time deadline, absl::FunctionRef<absl::Status(Session&)> body,
                           OnUnknownCommit on_unknown) {
  absl::Status last;
  bool unknown = false;
  for (int attempt = 1; attempt <= kAttempts; ++attempt) {
    absl::StatusOr<Lease> lease = Lease::Take(pool, deadline);
    if (!lease.ok()) return unknown ? errors::OutcomeUnknown() : lease.status();
    const auto [next, status] = TryTransaction(*lease, deadline, body, on_unknown);
    if (next == Next::kReturn) return status;
    unknown = unknown || status.code() == absl::StatusCode::kUnknown;
    last = status;
    if (attempt < kAttempts) PauseBeforeRerun(attempt, deadline);
  }
  return unknown ? errors::OutcomeUnknown() : last;
}

absl::Status Read(Pool& pool, absl::Time deadline, absl::FunctionRef<absl::Status(Session&)> body) {
  absl::Status last;
  for (int attempt = 1; attempt <= kAttempts; ++attempt) {
    absl::StatusOr<Lease> lease = Lease::Take(pool, deadline);
    if (!lease.ok()) return lease.status();
    PipelineSession session(lease->connection(), deadline);
    absl::Status status = body(session);
    if (!session.failure().has_value()) return status;
    last = session.failure()->status;
    if (!session.usable()) lease->Drop();
    if (session.failure()->kind != Failure::Kind::kBroken) return last;
    PauseBeforeRerun(attempt, deadline);
  }
  return last;
}

}  // namespace xxt::pg
