#ifndef XXT_COMMON_TASKS_INBOX_H_
#define XXT_COMMON_TASKS_INBOX_H_

#include <algorithm>
#include <cstddef>
#include <deque>
#include <map>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "common/concurrency/mutex.h"
#include "common/tasks/claim.h"

// What the threads of the engine hand to each other. All of it is bounded: what
// finds no room is left to the sweep, which reads the table. Thread-safe.
namespace xxt::tasks {

// The tasks that one queue is to claim next, each once.
class Inbox {
 public:
  struct Item {
    std::string task;
    std::string entry;  // of the stream, to be acknowledged; empty: came without
  };

  explicit Inbox(std::size_t limit) : limit_(limit) {}

  // False if it is not taken: it waits here already, or there is no room.
  bool Put(Item item) {
    const MutexLock lock(mu_);
    if (waiting_.count(item.task) > 0) return false;
    overflowed_ = overflowed_ || items_.size() >= limit_;
    if (items_.size() >= limit_) return false;
    waiting_.insert(item.task);
    items_.push_back(std::move(item));
    changed_.Signal();
    return true;
  }
  // Whether there was no room for something since the last call.
  bool TakeOverflowed() {
    const MutexLock lock(mu_);
    return std::exchange(overflowed_, false);
  }

  // Waits for the first; then at most `limit`, the oldest first. Empty: stopped.
  std::vector<Item> Take(std::size_t limit) {
    const MutexLock lock(mu_);
    while (items_.empty() && !stopped_) changed_.Wait(mu_);
    std::vector<Item> taken;
    while (!stopped_ && !items_.empty() && taken.size() < limit) {
      waiting_.erase(items_.front().task);
      taken.push_back(std::move(items_.front()));
      items_.pop_front();
    }
    return taken;
  }

  void Stop() {
    const MutexLock lock(mu_);
    stopped_ = true;
    changed_.SignalAll();
  }

  std::size_t size() const {
    const MutexLock lock(mu_);
    return items_.size();
  }
  std::size_t room() const {
    const MutexLock lock(mu_);
    return limit_ - items_.size();
  }

 private:
  const std::size_t limit_;
  mutable Mutex mu_;
  CondVar changed_;
  std::deque<Item> items_ XXT_GUARDED_BY(mu_);
  std::unordered_set<std::string> waiting_ XXT_GUARDED_BY(mu_);
  bool overflowed_ XXT_GUARDED_BY(mu_) = false;
  bool stopped_ XXT_GUARDED_BY(mu_) = false;
};

// The chunks a queue's workers work on; at most one waiting per worker, so that
// nothing claimed grows old.
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

// Values by key, put by many and taken all at once by one.
template <typename Value>
class Outbox {
 public:
  explicit Outbox(std::size_t limit) : limit_(limit) {}

  // False if there is no room.
  bool Put(std::size_t key, Value value) {
    const MutexLock lock(mu_);
    std::vector<Value>& values = values_[key];
    if (values.size() >= limit_) return false;
    values.push_back(std::move(value));
    return true;
  }
  std::map<std::size_t, std::vector<Value>> Take() {
    const MutexLock lock(mu_);
    return std::exchange(values_, {});
  }

 private:
  const std::size_t limit_;
  Mutex mu_;
  std::map<std::size_t, std::vector<Value>> values_ XXT_GUARDED_BY(mu_);
};

// Attempts of this process whose end the store has not heard of, until it has:
// those it knows, and claims that had no answer. What is dropped counts as a
// crash, which takes several to matter.
class Unsettled {
 public:
  struct Content {
    std::vector<Attempt> attempts;
    std::vector<LostClaim> lost;
    bool empty() const { return attempts.empty() && lost.empty(); }
  };

  void Add(const std::vector<const Claimed*>& claimed) {
    Content content;
    for (const Claimed* item : claimed) content.attempts.push_back({item->task.id, item->task.fence});
    PutBack(content);
  }
  void AddLost(LostClaim lost) { PutBack({{}, {std::move(lost)}}); }
  void PutBack(const Content& content) {
    const MutexLock lock(mu_);
    for (const Attempt& attempt : content.attempts) {
      if (content_.attempts.size() < kLimit) content_.attempts.push_back(attempt);
    }
    for (const LostClaim& lost : content.lost) {
      if (content_.lost.size() < kLimit) content_.lost.push_back(lost);
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

#endif  // XXT_COMMON_TASKS_INBOX_H_
