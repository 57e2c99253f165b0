#include "common/pg/shared_commit.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <memory>
#include <utility>

#include "absl/time/time.h"
#include "common/fault/crash_point.h"
#include "common/pg/insert.h"
#include "common/pg/lease.h"

namespace xxt::pg {
namespace {

// Two, so that one group is made up while the other is on its way. The size
// bounds what one refusal makes run again.
constexpr int kGroups = 2;
constexpr std::size_t kGroupSize = 32;
// More is for threads that wait, of which there is an end.
constexpr std::size_t kQueue = 8 * kGroupSize;
// One bad change of 32 costs five; with more, the next group comes first.
constexpr int kRefusals = 8;

// A twin of a change that is under way elsewhere must not hold up the others.
constexpr Statement kShortLocks{"pg.short_locks", "SELECT set_config('lock_timeout', '100ms', true)"};

bool IsRefusal(const Failure& failure) {
  return failure.kind == Failure::Kind::kStatement || failure.kind == Failure::Kind::kConflict;
}

bool HasKey(const Connection::Pending* pending) { return pending->statement->stored != nullptr; }

}  // namespace

SharedCommit::SharedCommit(Pool& pool)
    : pool_(pool),
      convoy_(
          {.size = kGroupSize, .groups = kGroups, .headway = absl::ZeroDuration(), .may_leave = false, .queue = kQueue},
          [this](const Group& group) {
            int refusals = kRefusals;
            CommitGroup(group, &refusals);
          }) {}

std::optional<Failure> SharedCommit::Commit(std::vector<Connection::Pending> change, SteadyTime deadline) {
  const auto self = std::make_shared<Convoy::Member>(std::move(change), deadline);
  Convoy::Fate fate = convoy_.Join(self);
  if (!fate.alone) return std::move(fate.failure);
  XXT_CRASH_POINT("pg.before_alone");
  return Flush({self});
}

bool SharedCommit::Send(std::vector<Connection::Pending> change, SteadyTime deadline, Done done) {
  return convoy_.Send(std::make_shared<Convoy::Member>(std::move(change), deadline),
                      [done = std::move(done)](const Convoy::Fate& fate) { done(fate.failure); });
}

void SharedCommit::CommitGroup(const Group& group, int* refusals) {
  if (group.empty()) return;
  if (group.size() > 1) XXT_CRASH_POINT("pg.before_group");
  const std::optional<Failure> failure = Flush(group);
  if (group.size() > 1) XXT_CRASH_POINT("pg.after_group");
  if (group.size() == 1 || !failure.has_value() || !IsRefusal(*failure)) {
    return convoy_.Settle(group, {failure});
  }
  if (--*refusals <= 0) return convoy_.Settle(group, {failure, /*alone=*/true});
  if (failure->repeated != nullptr) {
    if (const Group repeats = RepeatsIn(group, *failure->repeated); !repeats.empty()) {
      Group others;
      std::copy_if(group.begin(), group.end(), std::back_inserter(others), [&](const auto& member) {
        return std::find(repeats.begin(), repeats.end(), member) == repeats.end();
      });
      convoy_.Settle(repeats, {failure});
      return CommitGroup(others, refusals);
    }
  }
  const auto middle = group.begin() + static_cast<std::ptrdiff_t>(group.size() / 2);
  for (const Group& half : {Group(group.begin(), middle), Group(middle, group.end())}) {
    if (half.size() == 1) {
      convoy_.Settle(half, {failure, /*alone=*/true});
    } else {
      CommitGroup(half, refusals);
    }
  }
}

std::optional<Failure> SharedCommit::Flush(const Group& group) {
  std::vector<const Connection::Pending*> statements;
  SteadyTime deadline = SteadyTime::InfinitePast();
  for (const auto& member : group) {
    deadline = std::max(deadline, member->deadline);
    for (const Connection::Pending& statement : member->statements) statements.push_back(&statement);
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
  for (const auto& member : group) {
    for (const Connection::Pending& pending : member->statements) {
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

}  // namespace xxt::pg
