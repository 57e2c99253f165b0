#include "common/pg/convoy.h"

#include <algorithm>
#include <iterator>

#include "common/concurrency/guard.h"
#include "common/status/errors.h"

namespace xxt::pg {
namespace {

Failure TurnTooLate() { return {Failure::Kind::kUnsent, errors::DeadlineExceeded("a turn at the database")}; }

}  // namespace

Convoy::~Convoy() {
  if (driver_ != nullptr) driver_->Stop();
  while (Drive() == absl::ZeroDuration()) {
  }
}

Convoy::Fate Convoy::Join(const std::shared_ptr<Member>& member) {
  {
    const MutexLock lock(mu_);
    waiting_.push_back(member);
  }
  Fate fate;
  for (Group group = AwaitTurn(member, &fate); !group.empty(); group = AwaitTurn(member, &fate)) {
    Lead(group);
    WakeNext();
  }
  return fate;
}

bool Convoy::Send(std::shared_ptr<Member> member, Done done) {
  member->done_ = std::move(done);
  const MutexLock lock(mu_);
  if (waiting_.size() >= rules_.queue) return false;
  waiting_.push_back(std::move(member));
  if (driver_ == nullptr) {
    driver_ = std::make_unique<Loop>("pg-convoy", [this] { return Drive(); });
  } else {
    driver_->Nudge();
  }
  return true;
}

absl::Duration Convoy::Drive() {
  Group group;
  {
    const MutexLock lock(mu_);
    if (waiting_.empty()) return absl::InfiniteDuration();
    if (!MayBegin()) return NextTurn().left();
    group = TakeGroup();
  }
  Lead(group);
  return absl::ZeroDuration();
}

void Convoy::WakeNext() {
  const MutexLock lock(mu_);
  if (waiting_.empty()) return;
  if (waiting_.front()->done_) {
    driver_->Nudge();
  } else {
    waiting_.front()->changed_.Signal();
  }
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
  if (waits) return {TurnTooLate()};
  return {Failure{Failure::Kind::kTimeout, errors::DeadlineExceeded("others at the database")}};
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
