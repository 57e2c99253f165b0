#include "common/pg/shared_commit.h"

#include <algorithm>
#include <utility>

#include "common/fault/crash_point.h"
#include "common/pg/insert.h"
#include "common/pg/lease.h"
#include "common/status/errors.h"

namespace xxt::pg {
namespace {

// Two, so that one group is made up while the other is on its way. The size
// bounds what one refusal makes run again.
constexpr int kGroups = 2;
constexpr std::size_t kGroupSize = 32;

std::optional<Failure> Flush(Pool& pool, const std::vector<const Connection::Pending*>& statements,
                             SteadyTime deadline) {
  std::optional<Lease> lease;
  std::vector<Result> results;
  return FlushOn(lease, pool, JoinRows(statements), deadline, &results);
}

}  // namespace

std::optional<Failure> SharedCommit::Commit(std::vector<Connection::Pending> change, SteadyTime deadline) {
  Member self;
  self.change = std::move(change);
  self.deadline = deadline;
  {
    const MutexLock lock(mu_);
    waiting_.push_back(&self);
  }
  while (true) {
    {
      const MutexLock lock(mu_);
      while (self.state == Member::State::kTaken || (self.state == Member::State::kWaiting && leaders_ == kGroups)) {
        if (self.state == Member::State::kTaken) {
          self.changed.Wait(mu_);
        } else if (deadline.passed()) {
          waiting_.erase(std::find(waiting_.begin(), waiting_.end(), &self));
          return Failure{Failure::Kind::kUnsent, errors::DeadlineExceeded("a shared commit")};
        } else {
          self.changed.WaitUntil(mu_, deadline);
        }
      }
      if (self.state == Member::State::kDone) return self.failure;
      if (self.state == Member::State::kAlone) break;
    }
    Lead();
  }
  std::vector<const Connection::Pending*> alone;
  for (const Connection::Pending& statement : self.change) alone.push_back(&statement);
  XXT_CRASH_POINT("pg.before_alone");
  return Flush(pool_, alone, deadline);
}

std::size_t SharedCommit::waiting() const {
  const MutexLock lock(mu_);
  return waiting_.size();
}

std::vector<SharedCommit::Member*> SharedCommit::TakeGroup() {
  std::vector<Member*> group;
  while (!waiting_.empty() && group.size() < kGroupSize) {
    group.push_back(waiting_.front());
    group.back()->state = Member::State::kTaken;
    waiting_.pop_front();
  }
  return group;
}

void SharedCommit::Lead() {
  std::vector<Member*> group;
  {
    const MutexLock lock(mu_);
    if (leaders_ == kGroups) return;
    group = TakeGroup();
    if (group.empty()) return;
    ++leaders_;
  }
  std::vector<const Connection::Pending*> all;
  SteadyTime deadline = SteadyTime::InfinitePast();
  for (const Member* member : group) {
    deadline = std::max(deadline, member->deadline);
    for (const Connection::Pending& statement : member->change) all.push_back(&statement);
  }
  if (group.size() > 1) XXT_CRASH_POINT("pg.before_group");
  const std::optional<Failure> failure = Flush(pool_, all, deadline);
  if (group.size() > 1) XXT_CRASH_POINT("pg.after_group");
  const bool refused = failure.has_value() && group.size() > 1 &&
                       (failure->kind == Failure::Kind::kStatement || failure->kind == Failure::Kind::kConflict);
  const MutexLock lock(mu_);
  for (Member* member : group) {
    member->failure = failure;
    member->state = refused ? Member::State::kAlone : Member::State::kDone;
    member->changed.Signal();
  }
  --leaders_;
  if (!waiting_.empty()) waiting_.front()->changed.Signal();
}

}  // namespace xxt::pg
