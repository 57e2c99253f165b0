#ifndef XXT_COMMON_TASKS_ENGINE_H_
#define XXT_COMMON_TASKS_ENGINE_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/clock/clock.h"
#include "common/pg/pool.h"
#include "common/redis/connection.h"
#include "common/tasks/task.h"

namespace xxt::tasks {

struct EngineOptions {
  std::string service;  // "intake": prefix of the streams, xxt:intake:q:<lane>
  redis::Options redis;
  int workers = 2;  // threads per machine lane
  int batch = 256;  // most tasks claimed or settled in one statement; fewer while handling them is slow
  absl::Duration lease = absl::Seconds(30);
  // A task that was put into the stream and not claimed is put in again after
  // this long: the stream may have been lost.
  absl::Duration redeliver_after = absl::Seconds(10);
  absl::Duration poll = absl::Milliseconds(250);  // between the relay's sweeps
};

// Hands out the machine's tasks of one service and settles them.
//
// One relay thread moves due tasks into Redis streams: after a commit what it
// made due, and every `poll` all that is (overdue ones are put in again). Per
// lane a consumer thread claims what the stream tells, in batches, for the
// lane's workers. All of it resumes unaided when Redis or PostgreSQL were away,
// flushed or restarted; while Redis is away the relay hands ids to the consumers
// directly. A task that workers keep dying of is claimed and done alone.
//
// Thread-safe. The destructor stops claiming, lets running handlers finish and
// settle, and returns what was claimed and not begun.
class Engine {
 public:
  Engine(EngineOptions options, pg::Pool& pool, const Clock& clock, std::vector<MachineKind> kinds);
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  // Tells the relay that a transaction with tasks has committed. Cheap.
  void Nudge();

  // Stops claiming; running handlers finish. Idempotent.
  void Drain();

  // What operators watch; read from the database.
  struct Backlog {
    std::string kind;
    std::string state;
    std::int64_t count = 0;
    absl::Duration oldest;  // how long the oldest is overdue; zero if none is
  };
  absl::StatusOr<std::vector<Backlog>> ReadBacklog(absl::Time deadline);
  // Time from commit to hand-out of the last batch, and whether Redis answers.
  absl::Duration relay_lag() const;
  bool redis_ok() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace xxt::tasks

#endif  // XXT_COMMON_TASKS_ENGINE_H_
