#include "common/pg/convoy.h"

#include <algorithm>
#include <iterator>

#include "common/concurrency/guard.h"
#include "common/status/errors.h"

namespace xxt::pg {
namespace {

// What nobody waits for sets out beside another group no sooner than this: the
// larger groups are, the less each member costs.
constexpr absl::Duration kHeldUp = absl::Milliseconds(5);

Failure TurnTooLate() { return {Failure::Kind::kUnsent, errors::DeadlineExceeded("a turn at the database")}; }

}  // namespace

Convoy::~Convoy() {
  for (const std::unique_ptr<Loop>& driver : drivers_) driver->Stop();
  while (Drive() == absl::ZeroDuration()) {
  }
}

Convoy::Fate Convoy::Join(const std::shared_ptr<Member>& member) {
  {
    const MutexLock lock(mu_);
    waiting_.push_back(member);
  }
  Fate fate;
  for (Group group = AwaitTurn(member, &fate); !group.empty(); group = AwaitTurn(member, &fate)) Lead(group);
  return fate;
}

bool Convoy::Send(std::shared_ptr<Member> member, Done done) {
  member->done_ = std::move(done);
  const MutexLock lock(mu_);
  if (waiting_.size() >= rules_.queue) return false;
  StartDrivers();
  waiting_.push_back(std::move(member));
  if (waiting_.size() == 1) WakeNext();
  return true;
}

void Convoy::StartDrivers() {
  while (static_cast<int>(drivers_.size()) < rules_.groups) {
    drivers_.push_back(std::make_unique<Loop>("pg-convoy", [this] { return Drive(); }));
  }
}

absl::Duration Convoy::Drive() {
  const absl::Duration headway = std::max(rules_.headway, kHeldUp);
  Group group;
  {
    const MutexLock lock(mu_);
    if (waiting_.empty()) return absl::InfiniteDuration();
    if (!MayBegin(headway)) return NextTurn(headway).left();
    group = TakeGroup();
  }
  Lead(group);
  return absl::ZeroDuration();
}

void Convoy::WakeNext() {
  if (waiting_.empty() || under_way_ == rules_.groups) return;
  if (!waiting_.front()->done_) return waiting_.front()->changed_.Signal();
  for (const std::unique_ptr<Loop>& driver : drivers_) driver->Nudge();
}

Convoy::Group Convoy::AwaitTurn(const std::shared_ptr<Member>& member, Fate* fate) {
  const MutexLock lock(mu_);
  while (member->state_ != Member::State::kSettled) {
    const bool waits = member->state_ == Member::State::kWaiting;
    if (waits && MayBegin(rules_.headway)) return TakeGroup();
    const bool may_go = waits || rules_.may_leave;
    if (may_go && member->deadline.passed()) {
      *fate = Leave(member);
      return {};
    }
    const SteadyTime turn = waits ? NextTurn(rules_.headway) : SteadyTime::InfiniteFuture();
    member->changed_.WaitUntil(mu_, may_go ? std::min(member->deadline, turn) : turn);
  }
  *fate = member->fate_;
  return {};
}

Convoy::Fate Convoy::Leave(const std::shared_ptr<Member>& member) {
  if (member->state_ != Member::State::kWaiting) {
    return {Failure{Failure::Kind::kTimeout, errors::DeadlineExceeded("others at the database")}};
  }
  waiting_.erase(std::find(waiting_.begin(), waiting_.end(), member));
  WakeNext();
  return {TurnTooLate()};
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
  WakeNext();
  return group;
}

SteadyTime Convoy::NextTurn(absl::Duration headway) const {
  return under_way_ < rules_.groups ? last_begun_ + headway : SteadyTime::InfiniteFuture();
}

void Convoy::Lead(const Group& group) {
  // What nobody waits for any more is not begun.
  Group late;
  Group in_time;
  std::partition_copy(group.begin(), group.end(), std::back_inserter(late), std::back_inserter(in_time),
                      [](const auto& member) { return member->deadline.passed(); });
  if (!late.empty()) Settle(late, {TurnTooLate()});
  if (!in_time.empty() && !Guarded("pg.convoy", [&] { carry_(in_time); })) {
    Settle(in_time, {Failure{Failure::Kind::kBroken, errors::Internal("an exception")}});
  }
  const MutexLock lock(mu_);
  --under_way_;
  WakeNext();
}

void Convoy::Settle(const Group& group, const Fate& fate) {
  Group sent;
  {
    const MutexLock lock(mu_);
    for (const std::shared_ptr<Member>& member : group) {
      if (member->state_ == Member::State::kSettled) continue;
      member->fate_ = fate;
      member->state_ = Member::State::kSettled;
      if (member->done_) {
        sent.push_back(member);
      } else {
        member->changed_.Signal();
      }
    }
  }
  for (const std::shared_ptr<Member>& member : sent) {
    static_cast<void>(Guarded("pg.convoy_done", [&] { member->done_(fate); }));
  }
}

std::size_t Convoy::waiting() const {
  const MutexLock lock(mu_);
  return waiting_.size();
}

}  // namespace xxt::pg
