#ifndef XXT_COMMON_TASKS_STREAM_H_
#define XXT_COMMON_TASKS_STREAM_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "common/concurrency/steady_time.h"
#include "common/redis/connection.h"
#include "common/tasks/inbox.h"
#include "common/tasks/queue.h"

// The engine's two ends of the Redis streams. Whatever state Redis is in, either
// costs its own thread a short moment now and then, and nobody else anything.
namespace xxt::tasks {

using Queues = std::vector<std::unique_ptr<Queue>>;

// Puts ids into streams. When Redis does not take them (it is away, full, or a
// replica), it is left alone for a while: ids must not wait for it. One thread at
// a time, but for ok() and waiting().
class StreamWriter {
 public:
  explicit StreamWriter(redis::Options options);

  // False if the ids are to go another way.
  bool Add(const std::string& stream, const std::vector<std::string>& ids);
  // Learns how much waits in the streams, if that was long ago.
  void ReadWaiting(const Queues& queues);

  bool ok() const { return ok_; }
  // In the stream of queue number `place`, when last asked, and given to nobody:
  // whom the rest was given to may be dead. 0 without Redis.
  std::int64_t waiting(std::size_t place) const { return waiting_[place]; }

 private:
  static constexpr std::size_t kMostStreams = 64;

  void Note(const absl::Status& status);

  redis::Connection redis_;
  SteadyTime again_at_;   // from then on Redis is asked
  SteadyTime read_at_;    // when it was learnt last what waits
  bool refused_ = false;  // Redis answers, and did not take the last ids
  std::atomic<bool> ok_{true};
  std::array<std::atomic<std::int64_t>, kMostStreams> waiting_{};
};

// Reads the streams of all queues that have room, and acknowledges what was
// claimed. One thread at a time, but for Acknowledge().
class StreamReader {
 public:
  StreamReader(redis::Options options, std::string consumer, absl::Duration forget_consumers_after);

  // Reads once; returns how long to pause.
  absl::Duration ReadOnce(const Queues& queues);
  void Acknowledge(std::size_t place, std::vector<std::string> entries);
  // Deletes what this process has in the streams' groups.
  void Leave(const Queues& queues);

 private:
  absl::Status Read(const Queues& queues);
  absl::Status KeepHouse(const Queues& queues);
  absl::Status TakeOver(Queue& queue, std::size_t place);
  absl::Status AcknowledgeAll(const Queues& queues);
  void Take(Queue& queue, std::size_t place, const std::vector<redis::Entry>& entries);

  const std::string consumer_;
  const absl::Duration forget_consumers_after_;
  redis::Connection redis_;
  Outbox<std::vector<std::string>> done_;
  SteadyTime house_kept_at_;
};

}  // namespace xxt::tasks

#endif  // XXT_COMMON_TASKS_STREAM_H_
