#include "common/pg/connections.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "common/log/log.h"
#include "common/status/errors.h"

namespace xxt::pg {
namespace {

constexpr Statement kCancel{"pg.cancel", "SELECT count(pg_cancel_backend(pid)) FROM unnest($1::int[]) AS pid"};
// As long as a statement may run: kOptions in connection.cc.
constexpr absl::Duration kGiveUpAfter = absl::Seconds(5);
constexpr absl::Duration kOpenWithin = absl::Seconds(1);
constexpr absl::Duration kLookAgain = absl::Milliseconds(10);
constexpr absl::Duration kCancelWithin = absl::Seconds(1);
constexpr absl::Duration kKeepCanceller = absl::Seconds(10);

}  // namespace

Connections::Connections(PoolOptions options)
    : options_(std::move(options)), mender_("pg-mender", [this] { return Mend(); }) {}

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
  // Callers in a hurry would begin one after the other and finish none.
  absl::StatusOr<std::unique_ptr<Connection>> opened = Open(std::max(deadline, SteadyTime::Now() + kOpenWithin));
  if (!opened.ok()) FreePlace();
  return opened;
}

absl::StatusOr<std::unique_ptr<Connection>> Connections::Open(SteadyTime deadline) {
  const SteadyTime began = SteadyTime::Now();
  {
    const MutexLock lock(mu_);
    if (!backoff_.Begin()) return errors::StoreUnavailable(Backoff::kLongest);
  }
  absl::StatusOr<std::unique_ptr<Connection>> opened = Connection::Open(options_, deadline);
  const MutexLock lock(mu_);
  opened.ok() ? backoff_.Succeeded() : backoff_.Failed(began);
  return opened;
}

void Connections::Release(std::unique_ptr<Connection> connection) {
  if (!connection->at_rest()) {
    {
      const MutexLock lock(mu_);
      tired_.push_back({std::move(connection), SteadyTime::Now() + kGiveUpAfter});
    }
    mender_.Nudge();
    return;
  }
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

absl::Duration Connections::Mend() {
  std::vector<Tired> tired;
  {
    const MutexLock lock(mu_);
    tired.swap(tired_);
  }
  if (tired.empty()) {
    canceller_.reset();
    return absl::InfiniteDuration();
  }
  Cancel(tired);
  for (Tired& one : tired) {
    const std::optional<Failure> failure = one.connection->ComeToRest(SteadyTime::Now() + kLookAgain);
    // Closed, it would go on in PostgreSQL all the same, beside whoever gets its place.
    const bool commits =
        failure.has_value() && failure->kind == Failure::Kind::kTimeout && !one.connection->may_cancel();
    if (!failure.has_value() && one.connection->at_rest() && !one.doomed) {
      Release(std::move(one.connection));
    } else if (failure.has_value() && failure->unusable()) {
      Drop(std::move(one.connection));
    } else if ((one.give_up.passed() && !commits) || (one.doomed && one.connection->at_rest())) {
      log::Warning(one.doomed ? "pg.cancel_unanswered" : "pg.given_up", {});
      one.connection.reset();
      FreePlace();
    } else {
      const MutexLock lock(mu_);
      tired_.push_back(std::move(one));
    }
  }
  const MutexLock lock(mu_);
  return tired_.empty() ? kKeepCanceller : absl::ZeroDuration();
}

void Connections::Cancel(std::vector<Tired>& tired) {
  std::vector<Tired*> to_cancel;
  for (Tired& one : tired) {
    if (one.connection->may_cancel() && !one.cancelled) to_cancel.push_back(&one);
  }
  if (to_cancel.empty()) return;
  const SteadyTime deadline = SteadyTime::Now() + kCancelWithin;
  if (canceller_ == nullptr) {
    absl::StatusOr<std::unique_ptr<Connection>> opened = Open(deadline);
    if (!opened.ok()) return;  // they are asked for at the next look, and given up in time
    canceller_ = *std::move(opened);
  }
  std::vector<std::string> backends;
  for (Tired* one : to_cancel) {
    // After a failover its number would be another's.
    if (one->connection->SameServer(*canceller_)) backends.push_back(one->connection->backend());
    one->cancelled = true;
  }
  std::vector<Result> unwanted;
  if (!canceller_->Flush({{&kCancel, {backends}}}, deadline, OnTimeout::kLetEnd, &unwanted)) return;
  // PostgreSQL may do it later, and would cancel what another caller does by
  // then: a COMMIT that waits for its standby.
  canceller_.reset();
  for (Tired* one : to_cancel) one->doomed = true;
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
