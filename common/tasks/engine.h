#ifndef XXT_COMMON_TASKS_ENGINE_H_
#define XXT_COMMON_TASKS_ENGINE_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/clock/clock.h"
#include "common/concurrency/steady_time.h"
#include "common/pg/pool.h"
#include "common/redis/connection.h"
#include "common/tasks/backlog.h"
#include "common/tasks/task.h"

namespace xxt::tasks {

struct EngineOptions {
  std::string service;  // "intake": prefix of the streams, xxt:intake:q:<kind>:<lane>
  redis::Options redis;
  int workers = 2;  // threads per kind and lane, unless the kind says how many
  int batch = 256;  // most tasks claimed or settled in one statement; fewer while handling them is slow
  absl::Duration lease = absl::Seconds(30);
  // The longest that one step of a task waits for the store. Once the engine
  // drains, all steps together: until so long after half the lease.
  absl::Duration store_within = kStoreWithin;
  // A task that was handed out and not claimed is handed out again after this
  // long: the stream may have been lost.
  absl::Duration redeliver_after = absl::Seconds(10);
  absl::Duration poll = absl::Milliseconds(250);  // between sweeps
  // Consumers of processes that are gone are deleted from the streams when they
  // have been idle for this long.
  absl::Duration forget_consumers_after = absl::Minutes(10);
  // Asked before anything is claimed: while it says no, all is left to other
  // processes. Empty: yes. Thread-safe.
  std::function<bool()> may_claim = {};
};

// Hands out the machine's tasks of one service and does them.
//
// A commit tells the engine of the tasks it made (pg::Pool::Listen); the relay
// puts their ids into Redis streams, one for each kind and lane. A sweep finds in
// the table what else is to be done: timers, retries, and whatever was lost on
// the way. One thread reads the streams, one per queue claims, in batches, for
// the workers of that queue; so no kind, nor the party it talks to, can hold up
// another. All of it resumes unaided when Redis or PostgreSQL were away, flushed,
// full or restarted; what Redis does not take goes to this process' own queues.
// A task that workers keep dying of is claimed and done alone.
//
// Thread-safe. The destructor stops claiming, lets running handlers finish and
// settle, and returns what was claimed and not begun; what the store does not
// take in time is left to the leases.
class Engine {
 public:
  // `pools`: where tasks are made; the first one is the engine's own. They must
  // outlive the engine, and have no other listener.
  Engine(EngineOptions options, std::vector<pg::Pool*> pools, const Clock& clock, std::vector<MachineKind> kinds);
  Engine(EngineOptions options, pg::Pool& pool, const Clock& clock, std::vector<MachineKind> kinds)
      : Engine(std::move(options), std::vector<pg::Pool*>{&pool}, clock, std::move(kinds)) {}
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  // Stops claiming; running handlers finish. Takes half the lease and
  // store_within at most, and what Redis needs to say nothing. Idempotent.
  void Drain();

  // See backlog.h.
  absl::StatusOr<std::vector<Backlog>> ReadBacklog(SteadyTime deadline);
  // Time from commit to hand-out of the last batch, and whether Redis takes ids.
  absl::Duration relay_lag() const;
  bool redis_ok() const;
  // Whom outside tasks leave alone because it did not answer.
  std::vector<std::string> parties_at_rest();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace xxt::tasks

#endif  // XXT_COMMON_TASKS_ENGINE_H_
