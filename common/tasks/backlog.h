#ifndef XXT_COMMON_TASKS_BACKLOG_H_
#define XXT_COMMON_TASKS_BACKLOG_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/concurrency/steady_time.h"
#include "common/pg/pool.h"

namespace xxt::tasks {

// What operators watch of one kind in one state.
struct Backlog {
  std::string kind;
  std::string state;
  std::int64_t count = 0;
  absl::Duration oldest;  // how long the oldest is overdue; zero if none is
};

// A lane of the machine, and a time before which nothing of it is open.
struct OpenLane {
  std::string kind;
  std::string lane;
  absl::Time begins = absl::InfinitePast();
};

// Reads the backlog from the database. `lanes` is all of the kinds that this
// program has; those of other kinds, which an older program may have left, are
// found and counted, too. Of a lane no more than 10,000 open and 10,000 dead
// tasks are counted, the oldest; of desk tasks, no more than 10,000 that are due.
absl::StatusOr<std::vector<Backlog>> ReadBacklog(pg::Pool& pool, absl::Time business_now,
                                                 const std::vector<OpenLane>& lanes, SteadyTime deadline);

}  // namespace xxt::tasks

#endif  // XXT_COMMON_TASKS_BACKLOG_H_
