#ifndef XXT_COMMON_PG_CONVOY_H_
#define XXT_COMMON_PG_CONVOY_H_

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "common/concurrency/loop.h"
#include "common/concurrency/mutex.h"
#include "common/concurrency/steady_time.h"
#include "common/pg/connection.h"

namespace xxt::pg {

// Lets what waits at the same time go to PostgreSQL together: one pipeline on
// one connection, one wait, for all of it. Nobody waits for company: who finds
// no group under way goes at once, those that arrive meanwhile are the next
// group, in the order they came. One of those who wait leads it; where nobody
// waits, because the members were sent by threads that must not, a thread of the
// convoy's does, and others beside it while it is held up. What a group is sent
// as, and what becomes of each member, is decided by who owns the convoy: changes
// go as one transaction (shared_commit.h), reads as one pipeline (shared_read.h).
//
// Thread-safe.
class Convoy {
 public:
  struct Rules {
    std::size_t size;        // most members of a group
    int groups;              // most that are under way at a time
    absl::Duration headway;  // another group sets out no sooner than this after the one before, unless that is over
    // Whether a member that is under way is given up at its deadline. Else it
    // waits for the outcome until the last deadline in its group.
    bool may_leave;
    std::size_t queue = 0;  // most that may wait for Send to take another one
  };

  // What became of a member.
  struct Fate {
    std::optional<Failure> failure;
    bool alone = false;  // nothing was done; it is left to its own caller
  };

  // Hears of it in place of somebody who waits, on the thread of whoever leads.
  // Must be quick, and must not wait.
  using Done = std::function<void(const Fate&)>;

  struct Member {
    Member(std::vector<Connection::Pending> sent, SteadyTime until) : statements(std::move(sent)), deadline(until) {}

    const std::vector<Connection::Pending> statements;
    const SteadyTime deadline;
    std::vector<Result> results;  // of a read that did not fail

   private:
    friend class Convoy;
    enum class State { kWaiting, kTaken, kSettled };
    // These are the convoy's, under its lock.
    State state_ = State::kWaiting;
    Fate fate_;
    CondVar changed_;
    Done done_;  // of one that was sent
  };
  using Group = std::vector<std::shared_ptr<Member>>;

  // `carry` settles every member of a group, each once.
  using Carry = std::function<void(const Group&)>;
  Convoy(const Rules& rules, Carry carry) : rules_(rules), carry_(std::move(carry)) {}
  // Carries all that was sent. Nobody may wait any more.
  ~Convoy();
  Convoy(const Convoy&) = delete;
  Convoy& operator=(const Convoy&) = delete;

  // Waits for its turn until the member's deadline (kUnsent), then for the
  // outcome. Who leads waits until the last deadline in the group. The results
  // of one that left are not to be touched.
  Fate Join(const std::shared_ptr<Member>& member) XXT_EXCLUDES(mu_);

  // Returns at once; `done` hears the fate: of one that was not under way by its
  // deadline, when its turn comes. False, and `done` will hear nothing, if too
  // many wait.
  bool Send(std::shared_ptr<Member> member, Done done) XXT_EXCLUDES(mu_);

  // For `carry`.
  void Settle(const Group& group, const Fate& fate) XXT_EXCLUDES(mu_);

  // Members that wait for a group under way to end.
  std::size_t waiting() const XXT_EXCLUDES(mu_);

 private:
  // The group that the caller has to lead; empty once `member` has a fate.
  Group AwaitTurn(const std::shared_ptr<Member>& member, Fate* fate) XXT_EXCLUDES(mu_);
  // Takes `member` out, at its deadline.
  Fate Leave(const std::shared_ptr<Member>& member) XXT_REQUIRES(mu_);
  Group TakeGroup() XXT_REQUIRES(mu_);
  // When another group may set out; never, if only the end of one helps.
  SteadyTime NextTurn(absl::Duration headway) const XXT_REQUIRES(mu_);
  bool MayBegin(absl::Duration headway) const XXT_REQUIRES(mu_) {
    return under_way_ == 0 || NextTurn(headway).passed();
  }
  void Lead(const Group& group) XXT_EXCLUDES(mu_);
  // Lets whoever is next look when its turn is. Whenever another one is next, or
  // there is room for another group.
  void WakeNext() XXT_REQUIRES(mu_);
  void StartDrivers() XXT_REQUIRES(mu_);
  // A step of a driver: leads a group, if it may; returns when to try again.
  absl::Duration Drive() XXT_EXCLUDES(mu_);

  const Rules rules_;
  const Carry carry_;
  mutable Mutex mu_;
  std::deque<std::shared_ptr<Member>> waiting_ XXT_GUARDED_BY(mu_);
  int under_way_ XXT_GUARDED_BY(mu_) = 0;
  SteadyTime last_begun_ XXT_GUARDED_BY(mu_);
  std::vector<std::unique_ptr<Loop>> drivers_ XXT_GUARDED_BY(mu_);  // from the first Send on
};

}  // namespace xxt::pg

#endif  // XXT_COMMON_PG_CONVOY_H_
