#ifndef XXT_COMMON_PG_SHARED_COMMIT_H_
#define XXT_COMMON_PG_SHARED_COMMIT_H_

#include <deque>
#include <optional>
#include <vector>

#include "absl/time/time.h"
#include "common/concurrency/mutex.h"
#include "common/concurrency/steady_time.h"
#include "common/pg/connection.h"

namespace xxt::pg {

class Pool;

// Lets changes that arrive at the same time share one transaction: one round
// trip and one write of the log for all of them. Each keeps its own fate. If
// PostgreSQL refuses a row of a key that is stored already (insert.h), those
// changes fail and the others are sent again. If it refuses anything else,
// nothing of the group is kept and each half is tried by itself; what is left
// alone by that, or was refused often, is committed by its own caller. A group
// waits for a lock only shortly. Nobody waits for company: a change that finds
// no group under way goes at once, those that arrive meanwhile are the next
// group.
//
// Thread-safe.
class SharedCommit {
 public:
  explicit SharedCommit(Pool& pool) : pool_(pool) {}

  // Commits `change`. Waits for its turn until `deadline` (kUnsent), then for
  // the outcome until the last deadline in its group.
  std::optional<Failure> Commit(std::vector<Connection::Pending> change, SteadyTime deadline) XXT_EXCLUDES(mu_);

  // Changes that wait for a group under way to end.
  std::size_t waiting() const XXT_EXCLUDES(mu_);

 private:
  struct Member {
    std::vector<Connection::Pending> change;
    SteadyTime deadline;
    CondVar changed;
    enum class State { kWaiting, kTaken, kAlone, kDone } state = State::kWaiting;
    std::optional<Failure> failure;
  };

  using Group = std::vector<Member*>;

  Group TakeGroup() XXT_REQUIRES(mu_);
  void Lead() XXT_EXCLUDES(mu_);
  // Settles every member; `refusals` are how many it may still meet.
  void CommitGroup(const Group& group, int* refusals) XXT_EXCLUDES(mu_);
  std::optional<Failure> Flush(const Group& group);
  // The members whose row of `statement` is stored already.
  Group RepeatsIn(const Group& group, const Statement& statement);
  void End(const Group& group, Member::State state, const std::optional<Failure>& failure) XXT_EXCLUDES(mu_);

  Pool& pool_;
  mutable Mutex mu_;
  std::deque<Member*> waiting_ XXT_GUARDED_BY(mu_);
  int leaders_ XXT_GUARDED_BY(mu_) = 0;
};

}  // namespace xxt::pg

#endif  // XXT_COMMON_PG_SHARED_COMMIT_H_
