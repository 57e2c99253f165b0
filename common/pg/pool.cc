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

// Queues statements and flushes them on one connection. What one flush sends
// is a transaction of its own to PostgreSQL; one that spans several flushes
// begins with the first of them.
class PipelineSession : public Session {
 public:
  enum class Span { kFlush, kBody };

  PipelineSession(Connection& connection, absl::Time deadline, Span span)
      : connection_(connection), deadline_(deadline), span_(span) {}

  void QueueParams(const Statement& statement, std::vector<Param> params) override {
    pending_.push_back({&statement, std::move(params)});
  }

  absl::StatusOr<Result> RunParams(const Statement& statement, std::vector<Param> params) override {
    if (failure_.has_value()) return failure_->status;
    if (span_ == Span::kBody && !begun_) {
      pending_.insert(pending_.begin(), {&kBegin, {}});
      begun_ = true;
    }
    QueueParams(statement, std::move(params));
    if (absl::Status status = Send(); !status.ok()) return status;
    return std::move(results_.back());
  }

  // Sends what is left, and commits. All that was queued, if nothing was sent
  // before: one round trip, and no BEGIN and COMMIT to pay for.
  absl::Status Commit() {
    if (begun_) pending_.push_back({&kCommit, {}});
    return pending_.empty() ? absl::OkStatus() : Send();
  }

  void Rollback() {
    pending_.clear();
    failure_.reset();
    if (!begun_) return;
    pending_.push_back({&kRollback, {}});
    Send().IgnoreError();
  }

  const std::optional<Failure>& failure() const { return failure_; }
  bool usable() const {
    return !failure_.has_value() || failure_->kind == Failure::Kind::kStatement ||
           failure_->kind == Failure::Kind::kConflict;
  }
  // The rows of each statement of the last flush.
  std::vector<Result> TakeResults() { return std::move(results_); }

 private:
  absl::Status Send() {
    results_.clear();
    failure_ = connection_.Flush(std::exchange(pending_, {}), deadline_, &results_);
    return failure_.has_value() ? failure_->status : absl::OkStatus();
  }

  Connection& connection_;
  const absl::Time deadline_;
  const Span span_;
  bool begun_ = false;
  std::vector<Connection::Pending> pending_;
  std::vector<Result> results_;
  std::optional<Failure> failure_;
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

int Pool::in_use() const {
  const MutexLock lock(mu_);
  return in_use_;
}

namespace {

enum class Next { kReturn, kRerun };

// One try of a transaction on `lease`. kRerun with the status to answer if
// there is no try left.
std::pair<Next, absl::Status> TryTransaction(Lease& lease, absl::Time deadline,
                                             absl::FunctionRef<absl::Status(Session&)> body, OnUnknownCommit on_unknown,
                                             std::vector<Result>* results) {
  PipelineSession session(lease.connection(), deadline, PipelineSession::Span::kBody);
  absl::Status status = body(session);
  if (!session.failure().has_value() && status.ok()) {
    XXT_CRASH_POINT("pg.before_commit");
    status = session.Commit();
    if (status.ok()) {
      XXT_CRASH_POINT("pg.after_commit");
      if (results != nullptr) *results = session.TakeResults();
      return {Next::kReturn, status};
    }
    if (!session.usable()) {
      lease.Drop();
      return {on_unknown == OnUnknownCommit::kRerun ? Next::kRerun : Next::kReturn, errors::OutcomeUnknown()};
    }
  }
  const std::optional<Failure> failure = session.failure();
  if (!session.usable()) {
    lease.Drop();
    return {failure->kind == Failure::Kind::kBroken ? Next::kRerun : Next::kReturn, failure->status};
  }
  session.Rollback();
  if (session.failure().has_value()) lease.Drop();
  if (failure.has_value()) {
    return {failure->kind == Failure::Kind::kConflict ? Next::kRerun : Next::kReturn, failure->status};
  }
  return {Next::kReturn, status};
}

absl::Status TryThrice(Pool& pool, absl::Time deadline, absl::FunctionRef<absl::Status(Session&)> body,
                       OnUnknownCommit on_unknown, std::vector<Result>* results) {
  absl::Status last;
  bool unknown = false;
  for (int attempt = 1; attempt <= kAttempts; ++attempt) {
    absl::StatusOr<Lease> lease = Lease::Take(pool, deadline);
    if (!lease.ok()) return unknown ? errors::OutcomeUnknown() : lease.status();
    const auto [next, status] = TryTransaction(*lease, deadline, body, on_unknown, results);
    if (next == Next::kReturn) return status;
    unknown = unknown || status.code() == absl::StatusCode::kUnknown;
    last = status;
    if (attempt < kAttempts) PauseBeforeRerun(attempt, deadline);
  }
  return unknown ? errors::OutcomeUnknown() : last;
}

}  // namespace

absl::Status InTransaction(Pool& pool, absl::Time deadline, absl::FunctionRef<absl::Status(Session&)> body,
                           OnUnknownCommit on_unknown) {
  return TryThrice(pool, deadline, body, on_unknown, nullptr);
}

absl::StatusOr<std::vector<Result>> RunTogether(Pool& pool, absl::Time deadline,
                                                absl::FunctionRef<void(Session&)> queue, OnUnknownCommit on_unknown) {
  std::vector<Result> results;
  const auto body = [&](Session& session) {
    queue(session);
    return absl::OkStatus();
  };
  if (absl::Status status = TryThrice(pool, deadline, body, on_unknown, &results); !status.ok()) return status;
  return results;
}

absl::Status Read(Pool& pool, absl::Time deadline, absl::FunctionRef<absl::Status(Session&)> body) {
  absl::Status last;
  for (int attempt = 1; attempt <= kAttempts; ++attempt) {
    absl::StatusOr<Lease> lease = Lease::Take(pool, deadline);
    if (!lease.ok()) return lease.status();
    PipelineSession session(lease->connection(), deadline, PipelineSession::Span::kFlush);
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
