#ifndef XXT_COMMON_CONCURRENCY_MUTEX_H_
#define XXT_COMMON_CONCURRENCY_MUTEX_H_

#include <algorithm>
#include <condition_variable>
#include <mutex>

#include "absl/time/time.h"
#include "common/concurrency/steady_time.h"

// std::mutex with Clang's thread-safety annotations. Not absl::Mutex: Debian's
// prebuilt one gives false races under TSan.
#define XXT_ANNOTATE(x) __attribute__((x))
#define XXT_GUARDED_BY(mu) XXT_ANNOTATE(guarded_by(mu))
#define XXT_REQUIRES(mu) XXT_ANNOTATE(requires_capability(mu))
#define XXT_EXCLUDES(mu) XXT_ANNOTATE(locks_excluded(mu))

namespace xxt {

class XXT_ANNOTATE(capability("mutex")) Mutex {
 public:
  void Lock() XXT_ANNOTATE(acquire_capability()) { mu_.lock(); }
  void Unlock() XXT_ANNOTATE(release_capability()) { mu_.unlock(); }

 private:
  friend class CondVar;
  std::mutex mu_;
};

class XXT_ANNOTATE(scoped_lockable) MutexLock {
 public:
  explicit MutexLock(Mutex& mu) XXT_ANNOTATE(acquire_capability(mu)) : mu_(mu) { mu_.Lock(); }
  ~MutexLock() XXT_ANNOTATE(release_capability()) { mu_.Unlock(); }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

 private:
  Mutex& mu_;
};

// Waits while a Mutex is held. Wake-ups may be spurious: wait in a loop.
class CondVar {
 public:
  void Wait(Mutex& mu) XXT_REQUIRES(mu) {
    std::unique_lock<std::mutex> lock(mu.mu_, std::adopt_lock);
    cv_.wait(lock);
    lock.release();
  }
  // Returns at `deadline` at the latest.
  void WaitUntil(Mutex& mu, SteadyTime deadline) XXT_REQUIRES(mu) {
    if (deadline == SteadyTime::InfiniteFuture()) return Wait(mu);
    std::unique_lock<std::mutex> lock(mu.mu_, std::adopt_lock);
    // libstdc++ measures this by the steady clock; never so long that its count overflows.
    cv_.wait_for(lock, absl::ToChronoNanoseconds(std::min(deadline.left(), absl::Hours(1))));
    lock.release();
  }
  void Signal() { cv_.notify_one(); }
  void SignalAll() { cv_.notify_all(); }

 private:
  std::condition_variable cv_;
};

}  // namespace xxt

#endif  // XXT_COMMON_CONCURRENCY_MUTEX_H_
