#ifndef XXT_COMMON_TASKS_SWEEP_H_
#define XXT_COMMON_TASKS_SWEEP_H_

#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/concurrency/steady_time.h"
#include "common/pg/pool.h"

// Finds what is to be handed out and was not told of. Nothing of it is stored:
// a hand-out is a hint, and what is lost of it is found here again.
namespace xxt::tasks {

struct DueTask {
  std::string id;
  std::string kind;
  std::string lane;
  int crashes = 0;     // as its row says; see claim.h
  absl::Duration lag;  // how long it has been waiting
};

// Moves timers that are due to the open tasks, at most `limit`, and answers these.
absl::StatusOr<std::vector<DueTask>> FireTimers(pg::Pool& pool, absl::Time business_now, int limit);

// Looks through the open tasks of one kind and lane, a piece at a time, from the
// oldest on. One thread at a time.
class Sweep {
 public:
  Sweep(std::string kind, std::string lane, absl::Duration redeliver_after)
      : kind_(std::move(kind)), lane_(std::move(lane)), redeliver_after_(redeliver_after) {}

  // What of the next `limit` tasks is to be handed out: what waits for a retry
  // that is due, what a worker left, and what nobody claimed `redeliver_after`
  // after it was made, or after this answered it last. With `all`, also what was
  // made just now: the process that made it may be gone.
  absl::StatusOr<std::vector<DueTask>> Next(pg::Pool& pool, absl::Time business_now, int limit, bool all);

  // The last answer reached the end.
  bool at_end() const { return at_end_; }
  // At the end: where the next round begins. Nothing before it is open.
  absl::Time begins() const { return position_; }

 private:
  static constexpr char kNoId[] = "00000000-0000-0000-0000-000000000000";

  void ForgetOldHandOuts();

  const std::string kind_;
  const std::string lane_;
  const absl::Duration redeliver_after_;
  // Where the next piece begins. A round begins at the oldest task that the
  // round before has seen, or may not have seen yet, not at the beginning: the
  // entries of what is done stay in the index as long as any transaction holds
  // an old snapshot.
  absl::Time position_ = absl::InfinitePast();
  std::string position_id_ = kNoId;
  absl::Time oldest_ = absl::InfiniteFuture();  // of this round
  bool at_end_ = false;
  std::unordered_map<std::string, SteadyTime> handed_out_;  // by id and fence
};

}  // namespace xxt::tasks

#endif  // XXT_COMMON_TASKS_SWEEP_H_
