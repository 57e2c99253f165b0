#include <algorithm>
#include <functional>
#include <iterator>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "common/concurrency/guard.h"
#include "common/fault/crash_point.h"
#include "common/pg/connection.h"
#include "common/pg/lease.h"
#include "common/pg/pool.h"
#include "common/pg/shared_commit.h"
#include "common/pg/shared_read.h"
#include "common/status/errors.h"

namespace xxt::pg {
namespace {

constexpr int kAttempts = 3;
constexpr Statement kBegin{"pg.begin", "BEGIN"};
constexpr Statement kCommit{"pg.commit", "COMMIT"};

// Queues statements and flushes them: on one connection, taken with the first
// flush, with which a transaction that spans them begins; or, of one that only
// reads, each flush by itself with those of others.
class PipelineSession : public Session {
 public:
  enum class Span { kFlush, kBody, kQueue };  // kQueue: nothing may be asked

  PipelineSession(Pool& pool, SteadyTime deadline, Span span) : pool_(pool), deadline_(deadline), span_(span) {}

  void QueueParams(const Statement& statement, std::vector<Param> params) override {
    pending_.push_back({&statement, std::move(params)});
  }

  void QueueLastParams(const Statement& statement, std::vector<Param> params) override {
    last_.push_back({&statement, std::move(params)});
  }

  void Announce(std::string news) override { news_.push_back(std::move(news)); }

  absl::StatusOr<Result> RunParams(const Statement& statement, std::vector<Param> params) override {
    if (failure_.has_value()) return failure_->status;
    if (absl::Status status = MayWait(); !status.ok()) return status;
    if (span_ == Span::kBody && !begun_) {
      pending_.insert(pending_.begin(), {&kBegin, {}});
      begun_ = true;
    }
    QueueParams(statement, std::move(params));
    if (absl::Status status = Send(OnTimeout::kCancel); !status.ok()) return status;
    return std::move(results_.back());
  }

  absl::Status MayWait() override {
    if (span_ != Span::kQueue) return absl::OkStatus();
    waited_ = true;
    return errors::Internal("pg.must_not_wait");
  }

  // Whether the body would have waited, though it must not.
  bool waited() const { return waited_; }
  // All that was queued, in the order in which it is to be sent.
  std::vector<Connection::Pending> TakeQueued() {
    TakeLast();
    return std::exchange(pending_, {});
  }

  // Sends what is left, and commits. What was all queued goes in one round
  // trip, without BEGIN and COMMIT.
  absl::Status Commit() {
    TakeLast();
    if (begun_) pending_.push_back({&kCommit, {}});
    return pending_.empty() ? absl::OkStatus() : Send(OnTimeout::kLetEnd);
  }

  // The same, but what was all queued may share the transaction of others.
  absl::Status CommitShared() {
    TakeLast();
    if (begun_ || pending_.empty()) return Commit();
    failure_ = pool_.shared_commit().Commit(std::exchange(pending_, {}), deadline_);
    return failure_.has_value() ? failure_->status : absl::OkStatus();
  }

  // If there is no time for it any more, the pool sees to it.
  void Rollback() {
    pending_.clear();
    last_.clear();
    failure_.reset();
    if (!lease_.has_value()) return;
    XXT_CRASH_POINT("pg.before_rollback");
    const std::optional<Failure> failure = lease_->connection().ComeToRest(deadline_);
    if (failure.has_value() && failure->unusable()) lease_->Drop();
  }

  // What was announced.
  const std::vector<std::string>& news() const { return news_; }

  const std::optional<Failure>& failure() const { return failure_; }
  // The rows of each statement of the last flush.
  std::vector<Result> TakeResults() { return std::move(results_); }

 private:
  void TakeLast() {
    std::move(last_.begin(), last_.end(), std::back_inserter(pending_));
    last_.clear();
  }

  absl::Status Send(OnTimeout on_timeout) {
    results_.clear();
    std::vector<Connection::Pending> pending = std::exchange(pending_, {});
    failure_ = span_ == Span::kFlush ? pool_.shared_read().Run(std::move(pending), deadline_, &results_)
                                     : FlushOn(lease_, pool_, pending, deadline_, on_timeout, &results_);
    return failure_.has_value() ? failure_->status : absl::OkStatus();
  }

  Pool& pool_;
  const SteadyTime deadline_;
  const Span span_;
  bool begun_ = false;
  bool waited_ = false;
  std::optional<Lease> lease_;
  std::vector<Connection::Pending> pending_;
  std::vector<Connection::Pending> last_;  // sent with the commit
  std::vector<std::string> news_;
  std::vector<Result> results_;
  std::optional<Failure> failure_;
};

void PauseBeforeRerun(int attempt, SteadyTime deadline) {
  thread_local std::minstd_rand random(std::random_device{}());
  const absl::Duration most = absl::Milliseconds(10) * (1 << attempt);
  const absl::Duration pause = most * std::uniform_real_distribution<double>(0, 1)(random);
  if (pause < deadline.left()) std::this_thread::sleep_for(absl::ToChronoMilliseconds(pause));
}

// A body that throws fails, so that its transaction is rolled back like any other.
absl::Status RunBody(absl::FunctionRef<absl::Status(Session&)> body, Session& session) {
  absl::Status status = errors::Internal("an exception");
  static_cast<void>(Guarded("transaction", [&] { status = body(session); }));
  return status;
}

enum class Sharing { kAlone, kShared };
enum class Next { kReturn, kRerun };

// One try of a transaction. kRerun with the status to return if there is no
// try left.
std::pair<Next, absl::Status> TryTransaction(Pool& pool, SteadyTime deadline,
                                             absl::FunctionRef<absl::Status(Session&)> body, OnUnknownCommit on_unknown,
                                             Sharing sharing, std::vector<Result>* results) {
  PipelineSession session(pool, deadline, PipelineSession::Span::kBody);
  absl::Status status = RunBody(body, session);
  if (!session.failure().has_value() && status.ok()) {
    XXT_CRASH_POINT("pg.before_commit");
    status = sharing == Sharing::kShared ? session.CommitShared() : session.Commit();
    if (status.ok()) {
      XXT_CRASH_POINT("pg.after_commit");
      pool.Tell(session.news());
      if (results != nullptr) *results = session.TakeResults();
      return {Next::kReturn, status};
    }
    XXT_CRASH_POINT("pg.commit_failed");
    if (session.failure()->lost() && results == nullptr && XXT_PLANTED_BUG("lost_commit_is_ok")) {
      return {Next::kReturn, absl::OkStatus()};
    }
    if (session.failure()->lost()) {
      return {on_unknown == OnUnknownCommit::kRerun ? Next::kRerun : Next::kReturn, errors::OutcomeUnknown()};
    }
  }
  const std::optional<Failure> failure = session.failure();
  if (!failure.has_value()) {
    session.Rollback();
    return {Next::kReturn, status};
  }
  switch (failure->kind) {
    case Failure::Kind::kUnfit:
    case Failure::Kind::kBroken:
      return {Next::kRerun, failure->status};
    case Failure::Kind::kConflict:
      session.Rollback();
      return {Next::kRerun, failure->status};
    case Failure::Kind::kStatement:
      session.Rollback();
      break;
    case Failure::Kind::kTimeout:
    case Failure::Kind::kUnsent:
      break;
  }
  return {Next::kReturn, failure->status};
}

absl::Status TryThrice(Pool& pool, SteadyTime deadline, absl::FunctionRef<absl::Status(Session&)> body,
                       OnUnknownCommit on_unknown, Sharing sharing, std::vector<Result>* results) {
  absl::Status last;
  bool unknown = false;
  for (int attempt = 1; attempt <= kAttempts; ++attempt) {
    const auto [next, status] = TryTransaction(pool, deadline, body, on_unknown, sharing, results);
    const bool away = absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status);
    if (next == Next::kReturn) return unknown && away ? errors::OutcomeUnknown() : status;
    unknown = unknown || absl::IsUnknown(status);
    last = status;
    if (attempt < kAttempts) PauseBeforeRerun(attempt, deadline);
  }
  return unknown ? errors::OutcomeUnknown() : last;
}

}  // namespace

absl::Status InTransaction(Pool& pool, SteadyTime deadline, absl::FunctionRef<absl::Status(Session&)> body,
                           OnUnknownCommit on_unknown) {
  return TryThrice(pool, deadline, body, on_unknown, Sharing::kShared, nullptr);
}

bool QueueTransaction(Pool& pool, SteadyTime deadline, absl::FunctionRef<absl::Status(Session&)> body,
                      std::function<void(const absl::Status&)> done) {
  PipelineSession session(pool, deadline, PipelineSession::Span::kQueue);
  if (!RunBody(body, session).ok() || session.waited()) return false;
  std::vector<Connection::Pending> change = session.TakeQueued();
  if (change.empty()) return false;
  XXT_CRASH_POINT("pg.before_send");
  return pool.shared_commit().Send(
      std::move(change), deadline,
      [&pool, news = session.news(), done = std::move(done)](const std::optional<Failure>& failure) {
        if (!failure.has_value()) {
          XXT_CRASH_POINT("pg.after_sent");
          pool.Tell(news);
          return done(absl::OkStatus());
        }
        if (failure->lost() && XXT_PLANTED_BUG("lost_commit_is_ok")) return done(absl::OkStatus());
        done(failure->lost() ? errors::OutcomeUnknown() : failure->status);
      });
}

absl::StatusOr<std::vector<Result>> RunTogether(Pool& pool, SteadyTime deadline,
                                                absl::FunctionRef<void(Session&)> queue, OnUnknownCommit on_unknown) {
  std::vector<Result> results;
  const auto body = [&](Session& session) {
    queue(session);
    return absl::OkStatus();
  };
  if (absl::Status status = TryThrice(pool, deadline, body, on_unknown, Sharing::kAlone, &results); !status.ok()) {
    return status;
  }
  return results;
}

absl::Status Read(Pool& pool, SteadyTime deadline, absl::FunctionRef<absl::Status(Session&)> body) {
  absl::Status last;
  for (int attempt = 1; attempt <= kAttempts; ++attempt) {
    PipelineSession session(pool, deadline, PipelineSession::Span::kFlush);
    absl::Status status = RunBody(body, session);
    if (!session.failure().has_value()) return status;
    last = session.failure()->status;
    if (!session.failure()->unusable()) return last;
    PauseBeforeRerun(attempt, deadline);
  }
  return last;
}

}  // namespace xxt::pg
