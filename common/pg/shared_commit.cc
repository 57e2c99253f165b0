#include "common/pg/shared_commit.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
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
// One bad change of 32 costs five; with more, the next group comes first.
constexpr int kRefusals = 8;

// A twin of a change that is under way elsewhere must not hold up the others.
constexpr Statement kShortLocks{"pg.short_locks", "SELECT set_config('lock_timeout', '100ms', true)"};

bool IsRefusal(const Failure& failure) {
  return failure.kind == Failure::Kind::kStatement || failure.kind == Failure::Kind::kConflict;
}

bool HasKey(const Connection::Pending* pending) { return pending->statement->stored != nullptr; }

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
  XXT_CRASH_POINT("pg.before_alone");
  return Flush({&self});
}

std::size_t SharedCommit::waiting() const {
  const MutexLock lock(mu_);
  return waiting_.size();
}

SharedCommit::Group SharedCommit::TakeGroup() {
  Group group;
  while (!waiting_.empty() && group.size() < kGroupSize) {
    group.push_back(waiting_.front());
    group.back()->state = Member::State::kTaken;
    waiting_.pop_front();
  }
  return group;
}

void SharedCommit::Lead() {
  Group group;
  {
    const MutexLock lock(mu_);
    if (leaders_ == kGroups) return;
    group = TakeGroup();
    if (group.empty()) return;
    ++leaders_;
  }
  int refusals = kRefusals;
  CommitGroup(group, &refusals);
  const MutexLock lock(mu_);
  --leaders_;
  if (!waiting_.empty()) waiting_.front()->changed.Signal();
}

void SharedCommit::CommitGroup(const Group& group, int* refusals) {
  if (group.empty()) return;
  if (group.size() > 1) XXT_CRASH_POINT("pg.before_group");
  const std::optional<Failure> failure = Flush(group);
  if (group.size() > 1) XXT_CRASH_POINT("pg.after_group");
  if (group.size() == 1 || !failure.has_value() || !IsRefusal(*failure)) {
    return End(group, Member::State::kDone, failure);
  }
  if (--*refusals <= 0) return End(group, Member::State::kAlone, failure);
  if (failure->repeated != nullptr) {
    if (const Group repeats = RepeatsIn(group, *failure->repeated); !repeats.empty()) {
      Group others;
      std::copy_if(group.begin(), group.end(), std::back_inserter(others),
                   [&](Member* member) { return std::find(repeats.begin(), repeats.end(), member) == repeats.end(); });
      End(repeats, Member::State::kDone, failure);
      return CommitGroup(others, refusals);
    }
  }
  const auto middle = group.begin() + static_cast<std::ptrdiff_t>(group.size() / 2);
  for (const Group& half : {Group(group.begin(), middle), Group(middle, group.end())}) {
    if (half.size() == 1) {
      End(half, Member::State::kAlone, failure);
    } else {
      CommitGroup(half, refusals);
    }
  }
}

std::optional<Failure> SharedCommit::Flush(const Group& group) {
  std::vector<const Connection::Pending*> statements;
  SteadyTime deadline = SteadyTime::InfinitePast();
  for (const Member* member : group) {
    deadline = std::max(deadline, member->deadline);
    for (const Connection::Pending& statement : member->change) statements.push_back(&statement);
  }
  // A repeat is refused before anything is done for it.
  std::stable_partition(statements.begin(), statements.end(), HasKey);
  const Connection::Pending short_locks{&kShortLocks, {}};
  if (group.size() > 1) statements.insert(statements.begin(), &short_locks);
  std::optional<Lease> lease;
  std::vector<Result> results;
  return FlushOn(lease, pool_, JoinRows(statements), deadline, OnTimeout::kLetEnd, &results);
}

SharedCommit::Group SharedCommit::RepeatsIn(const Group& group, const Statement& statement) {
  std::vector<const Connection::Pending*> rows;
  Group owners;
  for (Member* member : group) {
    for (const Connection::Pending& pending : member->change) {
      if (!HasKey(&pending) || (pending.statement != &statement && pending.statement->for_many != &statement)) continue;
      rows.push_back(&pending);
      owners.push_back(member);
    }
  }
  Group repeats;
  if (rows.empty()) return repeats;
  std::optional<Lease> lease;
  std::vector<Result> results;
  if (FlushOn(lease, pool_, {StoredAmong(rows)}, group.front()->deadline, OnTimeout::kCancel, &results).has_value()) {
    return repeats;
  }
  for (int i = 0; i < results[0].size(); ++i) {
    repeats.push_back(owners[static_cast<std::size_t>(results[0][i].Int(0)) - 1]);
  }
  return repeats;
}

void SharedCommit::End(const Group& group, Member::State state, const std::optional<Failure>& failure) {
  const MutexLock lock(mu_);
  for (Member* member : group) {
    member->failure = failure;
    member->state = state;
    member->changed.Signal();
  }
}

}  // namespace xxt::pg
