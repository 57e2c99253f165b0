#ifndef XXT_COMMON_PG_SHARED_COMMIT_H_
#define XXT_COMMON_PG_SHARED_COMMIT_H_

#include <cstddef>
#include <functional>
#include <optional>
#include <vector>

#include "common/concurrency/steady_time.h"
#include "common/pg/connection.h"
#include "common/pg/convoy.h"

namespace xxt::pg {

class Pool;

// Lets changes that arrive at the same time share one transaction: one round
// trip and one write of the log for all of them. Each keeps its own fate. If
// PostgreSQL refuses a row of a key that is stored already (insert.h), those
// changes fail and the others are sent again. If it refuses anything else,
// nothing of the group is kept and each half is tried by itself; what is left
// alone by that, or was refused often, is committed by its own caller. A group
// waits for a lock only shortly.
//
// Thread-safe.
class SharedCommit {
 public:
  explicit SharedCommit(Pool& pool);

  // Commits `change`. Waits for its turn until `deadline` (kUnsent), then for
  // the outcome until the last deadline in its group.
  std::optional<Failure> Commit(std::vector<Connection::Pending> change, SteadyTime deadline);

  // The same without waiting: `done` hears the outcome, on the thread of whoever
  // commits. A change that would be left to its own caller fails with what its
  // group met. False, and `done` will hear nothing, if too many changes wait.
  using Done = std::function<void(const std::optional<Failure>&)>;
  bool Send(std::vector<Connection::Pending> change, SteadyTime deadline, Done done);

  // Changes that wait for a group under way to end.
  std::size_t waiting() const { return convoy_.waiting(); }

 private:
  using Group = Convoy::Group;

  // Settles every member; `refusals` are how many it may still meet.
  void CommitGroup(const Group& group, int* refusals);
  std::optional<Failure> Flush(const Group& group);
  // The members whose row of `statement` is stored already.
  Group RepeatsIn(const Group& group, const Statement& statement);

  Pool& pool_;
  Convoy convoy_;
};

}  // namespace xxt::pg

#endif  // XXT_COMMON_PG_SHARED_COMMIT_H_
