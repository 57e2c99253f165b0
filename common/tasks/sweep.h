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
  // Of a suspect: when its last try was over.
  absl::Time tried = absl::InfinitePast();
};

// Where an index is walked from. The entries of what is done stay in it as long as
// any transaction holds an old snapshot, and would be walked again and again: so
// most rounds begin shortly before what the last one saw, one in kRoundsPerLongLook
// long before. One thread at a time.
class Look {
 public:
  static constexpr int kRoundsPerLongLook = 20;

  bool is_long() const { return rounds_ % kRoundsPerLongLook == 0; }
  void EndRound() { ++rounds_; }

 private:
  int rounds_ = 0;
};

// Finds the timers that are due. One thread at a time.
class TimerSweep {
 public:
  // Moves at most `limit` timers that are due to the open tasks, the oldest first,
  // and returns these. One that is set back, or was locked just now, may wait for
  // the next long look, which begins with the first there is.
  absl::StatusOr<std::vector<DueTask>> Fire(pg::Pool& pool, absl::Time business_now, int limit);

 private:
  Look look_;
  absl::Time seen_ = absl::InfinitePast();  // all up to it fired
};

// Looks through the open tasks of one kind and lane, a piece at a time, from the
// oldest on. One thread at a time.
class Sweep {
 public:
  Sweep(std::string kind, std::string lane, absl::Duration redeliver_after)
      : kind_(std::move(kind)), lane_(std::move(lane)), redeliver_after_(redeliver_after) {}

  // What of the next `limit` tasks is to be handed out: what waits for a retry
  // that is due, what a worker left, and what nobody claimed `redeliver_after`
  // after it was made, or after this returned it last. With `all`, also what was
  // made just now: the process that made it may be gone. Suspects come last, in
  // the order of their last tries: the oldest would be the first of each process
  // that begins, however often one dies.
  absl::StatusOr<std::vector<DueTask>> Next(pg::Pool& pool, absl::Time business_now, int limit, bool all);

  // The last answer reached the end.
  bool at_end() const { return at_end_; }
  // At the end: where the next round begins. Nothing before it was seen open.
  absl::Time begins() const { return position_; }

 private:
  static constexpr char kNoId[] = "00000000-0000-0000-0000-000000000000";

  void ForgetOldHandOuts();

  const std::string kind_;
  const std::string lane_;
  const absl::Duration redeliver_after_;
  Look look_;
  // Where the next piece begins. A round begins at the oldest task that the round
  // before has seen, or, by its look, may not have seen yet.
  absl::Time position_ = absl::InfinitePast();
  std::string position_id_ = kNoId;
  absl::Time oldest_ = absl::InfiniteFuture();  // of this round
  bool at_end_ = false;
  std::unordered_map<std::string, SteadyTime> handed_out_;  // by id and fence
};

}  // namespace xxt::tasks

#endif  // XXT_COMMON_TASKS_SWEEP_H_
