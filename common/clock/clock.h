#ifndef XXT_COMMON_CLOCK_CLOCK_H_
#define XXT_COMMON_CLOCK_CLOCK_H_

#include <string>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/concurrency/mutex.h"

namespace xxt {

// Tells business time: what people promise, wait for and are warned of. Rules
// take it as a parameter `now`. Leases and retries do not use it; they use
// the database's clock.
//
// Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual absl::Time Now() const = 0;
};

class SystemClock : public Clock {
 public:
  absl::Time Now() const override { return absl::Now(); }
};

// Stands still unless moved. For tests.
class ManualClock : public Clock {
 public:
  explicit ManualClock(absl::Time now) : now_(now) {}
  absl::Time Now() const override {
    const MutexLock lock(mu_);
    return now_;
  }
  void Advance(absl::Duration by) {
    const MutexLock lock(mu_);
    now_ += by;
  }
  void Set(absl::Time now) {
    const MutexLock lock(mu_);
    now_ = now;
  }

 private:
  mutable Mutex mu_;
  absl::Time now_ XXT_GUARDED_BY(mu_);
};

// The real time plus an offset that all processes of a development instance
// share through a file: one line, whole seconds. A missing file is offset 0.
// The file is read at every call, so that no process tells an earlier time
// once an Advance has returned in another.
class FileClock : public Clock {
 public:
  explicit FileClock(std::string path) : path_(std::move(path)) {}
  absl::Time Now() const override;

  // Moves the time of all processes forward by at least `by`, rounded up to
  // whole seconds, and returns the new time. Durable when it returns.
  absl::Time Advance(absl::Duration by);

 private:
  const std::string path_;
};

}  // namespace xxt

#endif  // XXT_COMMON_CLOCK_CLOCK_H_
