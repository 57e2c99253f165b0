#ifndef XXT_COMMON_TASKS_LANE_QUEUES_H_
#define XXT_COMMON_TASKS_LANE_QUEUES_H_

#include <algorithm>
#include <cstddef>
#include <deque>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "common/concurrency/mutex.h"
#include "common/tasks/claim.h"

// What the threads of one lane of the engine hand to each other. Thread-safe.
namespace xxt::tasks {

// The chunks a lane's workers work on; at most one waiting per worker, so that
// nothing claimed grows old in a queue.
class ChunkQueue {
 public:
  explicit ChunkQueue(std::size_t limit) : limit_(limit) {}

  // Waits for room. False when stopped: the chunk is still the caller's.
  bool Push(std::vector<Claimed>& chunk) {
    const MutexLock lock(mu_);
    while (chunks_.size() >= limit_ && !stopped_) changed_.Wait(mu_);
    if (stopped_) return false;
    chunks_.push_back(std::move(chunk));
    changed_.SignalAll();
    return true;
  }

  // Waits for a chunk; empty when stopped and drained.
  std::vector<Claimed> Pop() {
    const MutexLock lock(mu_);
    while (chunks_.empty() && !stopped_) changed_.Wait(mu_);
    if (chunks_.empty()) return {};
    std::vector<Claimed> chunk = std::move(chunks_.front());
    chunks_.pop_front();
    changed_.SignalAll();
    return chunk;
  }

  void Stop() {
    const MutexLock lock(mu_);
    stopped_ = true;
    changed_.SignalAll();
  }

  bool stopped() const {
    const MutexLock lock(mu_);
    return stopped_;
  }

 private:
  const std::size_t limit_;
  mutable Mutex mu_;
  CondVar changed_;
  std::deque<std::vector<Claimed>> chunks_ XXT_GUARDED_BY(mu_);
  bool stopped_ XXT_GUARDED_BY(mu_) = false;
};

// Ids handed over without Redis: all of them while it is away, and suspects.
class DirectQueue {
 public:
  void Put(std::vector<std::string> ids) {
    const MutexLock lock(mu_);
    for (std::string& id : ids) ids_.push_back(std::move(id));
  }
  // At most `limit`, the oldest first.
  std::vector<std::string> Take(int limit) {
    const MutexLock lock(mu_);
    const std::size_t count = std::min(ids_.size(), static_cast<std::size_t>(limit));
    const auto end = ids_.begin() + static_cast<std::ptrdiff_t>(count);
    std::vector<std::string> taken(std::make_move_iterator(ids_.begin()), std::make_move_iterator(end));
    ids_.erase(ids_.begin(), end);
    return taken;
  }
  std::size_t size() const {
    const MutexLock lock(mu_);
    return ids_.size();
  }

 private:
  mutable Mutex mu_;
  std::deque<std::string> ids_ XXT_GUARDED_BY(mu_);
};

// Attempts of this process whose end the store has not heard of, until it has:
// those it knows, and ids that it may have claimed without an answer. Bounded:
// what is dropped counts as a crash, which takes several to matter.
class Unsettled {
 public:
  struct Content {
    std::vector<Attempt> attempts;
    std::vector<std::string> lost;
    bool empty() const { return attempts.empty() && lost.empty(); }
  };

  void Add(const std::vector<const Claimed*>& claimed) {
    Content content;
    for (const Claimed* item : claimed) content.attempts.push_back({item->task.id, item->task.fence});
    PutBack(content);
  }
  void AddLost(const std::vector<std::string>& ids) { PutBack({{}, ids}); }
  void PutBack(const Content& content) {
    const MutexLock lock(mu_);
    for (const Attempt& attempt : content.attempts) {
      if (content_.attempts.size() < kLimit) content_.attempts.push_back(attempt);
    }
    for (const std::string& id : content.lost) {
      if (content_.lost.size() < kLimit) content_.lost.push_back(id);
    }
  }
  Content Take() {
    const MutexLock lock(mu_);
    return std::exchange(content_, {});
  }

 private:
  static constexpr std::size_t kLimit = 10000;
  Mutex mu_;
  Content content_ XXT_GUARDED_BY(mu_);
};

}  // namespace xxt::tasks

#endif  // XXT_COMMON_TASKS_LANE_QUEUES_H_
