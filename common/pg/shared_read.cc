#include "common/pg/shared_read.h"

#include <algorithm>
#include <iterator>
#include <memory>
#include <utility>

#include "common/fault/crash_point.h"
#include "common/pg/lease.h"
#include "common/pg/pool.h"

namespace xxt::pg {
namespace {

// Bounds what a slow read holds up, and what a refused one makes run again.
constexpr std::size_t kGroupSize = 32;

}  // namespace

SharedRead::SharedRead(Pool& pool, absl::Duration headway)
    : pool_(pool),
      convoy_({.size = kGroupSize, .groups = pool.limit(), .headway = headway, .may_leave = true},
              [this](const Convoy::Group& group) { Carry(group); }) {}

std::optional<Failure> SharedRead::Run(std::vector<Connection::Pending> statements, SteadyTime deadline,
                                       std::vector<Result>* results) {
  const auto self = std::make_shared<Convoy::Member>(std::move(statements), deadline);
  Convoy::Fate fate = convoy_.Join(self);
  if (fate.alone) {
    std::optional<Lease> lease;
    return FlushOn(lease, pool_, self->statements, deadline, OnTimeout::kCancel, results);
  }
  if (!fate.failure.has_value()) *results = std::move(self->results);
  return std::move(fate.failure);
}

void SharedRead::Carry(const Convoy::Group& group) {
  std::vector<Connection::Pending> statements;
  SteadyTime deadline = SteadyTime::InfinitePast();
  for (const auto& member : group) {
    deadline = std::max(deadline, member->deadline);
    statements.insert(statements.end(), member->statements.begin(), member->statements.end());
  }
  std::vector<Result> results;
  std::optional<Failure> failure;
  {
    std::optional<Lease> lease;
    failure = FlushOn(lease, pool_, statements, deadline, OnTimeout::kCancel, &results);
  }
  XXT_CRASH_POINT("pg.after_shared_read");
  if (failure.has_value()) {
    const bool refused = failure->kind == Failure::Kind::kStatement || failure->kind == Failure::Kind::kConflict;
    return convoy_.Settle(group, {failure, refused && group.size() > 1});
  }
  auto next = results.begin();
  for (const auto& member : group) {
    const auto end = next + static_cast<std::ptrdiff_t>(member->statements.size());
    member->results.assign(std::make_move_iterator(next), std::make_move_iterator(end));
    next = end;
  }
  convoy_.Settle(group, {});
}

}  // namespace xxt::pg
