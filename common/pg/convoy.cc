#include "common/pg/convoy.h"

#include <algorithm>

#include "common/concurrency/guard.h"
#include "common/status/errors.h"

namespace xxt::pg {

Convoy::Fate Convoy::Join(const std::shared_ptr<Member>& member) {
  {
    const MutexLock lock(mu_);
    waiting_.push_back(member);
  }
  Fate fate;
  for (Group group = AwaitTurn(member, &fate); !group.empty(); group = AwaitTurn(member, &fate)) {
    Lead(group);
    const MutexLock lock(mu_);
    if (!waiting_.empty()) waiting_.front()->changed_.Signal();
  }
  return fate;
}

Convoy::Group Convoy::AwaitTurn(const std::shared_ptr<Member>& member, Fate* fate) {
  const MutexLock lock(mu_);
  while (member->state_ != Member::State::kSettled) {
    const bool waits = member->state_ == Member::State::kWaiting;
    if (waits && MayBegin()) return TakeGroup();
    const bool may_go = waits || rules_.may_leave;
    if (may_go && member->deadline.passed()) {
      *fate = Leave(member);
      return {};
    }
    const SteadyTime turn = waits ? NextTurn() : SteadyTime::InfiniteFuture();
    member->changed_.WaitUntil(mu_, may_go ? std::min(member->deadline, turn) : turn);
  }
  *fate = member->fate_;
  return {};
}

Convoy::Fate Convoy::Leave(const std::shared_ptr<Member>& member) {
  const bool waits = member->state_ == Member::State::kWaiting;
  if (waits) waiting_.erase(std::find(waiting_.begin(), waiting_.end(), member));
  return {Failure{waits ? Failure::Kind::kUnsent : Failure::Kind::kTimeout,
                  errors::DeadlineExceeded("a turn at the database")}};
}

Convoy::Group Convoy::TakeGroup() {
  Group group;
  while (!waiting_.empty() && group.size() < rules_.size) {
    waiting_.front()->state_ = Member::State::kTaken;
    group.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
  }
  ++under_way_;
  last_begun_ = SteadyTime::Now();
  return group;
}

SteadyTime Convoy::NextTurn() const {
  return under_way_ < rules_.groups ? last_begun_ + rules_.headway : SteadyTime::InfiniteFuture();
}

void Convoy::Lead(const Group& group) {
  if (!Guarded("pg.convoy", [&] { carry_(group); })) {
    Settle(group, {Failure{Failure::Kind::kBroken, errors::Internal("an exception")}});
  }
  const MutexLock lock(mu_);
  --under_way_;
}

void Convoy::Settle(const Group& group, const Fate& fate) {
  const MutexLock lock(mu_);
  for (const std::shared_ptr<Member>& member : group) {
    if (member->state_ == Member::State::kSettled) continue;
    member->fate_ = fate;
    member->state_ = Member::State::kSettled;
    member->changed_.Signal();
  }
}

std::size_t Convoy::waiting() const {
  const MutexLock lock(mu_);
  return waiting_.size();
}

}  // namespace xxt::pg
