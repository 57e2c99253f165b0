#ifndef XXT_COMMON_CONCURRENCY_STEADY_TIME_H_
#define XXT_COMMON_CONCURRENCY_STEADY_TIME_H_

#include <ctime>

#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace xxt {

// A point of time inside this process, which the steps of the wall clock do not
// move: every pause, deadline and lease that a process measures by itself. Goes
// on while the process is stopped or the machine sleeps, as the leases in the
// database do. Means nothing to other processes: never stored, never sent.
//
// A wall-clock time becomes one implicitly, as far from now as it is at that
// moment: `absl::Now() + absl::Seconds(5)` may be passed as a deadline, but
// what is kept is kept as a SteadyTime. Tests move both clocks
// (common/testing/clocks.h).
class SteadyTime {
 public:
  SteadyTime() = default;      // long past
  SteadyTime(absl::Time wall)  // NOLINT(google-explicit-constructor)
      : since_boot_(Now().since_boot_ + (wall - absl::Now())) {}

  static SteadyTime Now() {
    timespec now{};
    clock_gettime(CLOCK_BOOTTIME, &now);
    return SteadyTime(absl::DurationFromTimespec(now));
  }
  static SteadyTime InfiniteFuture() { return SteadyTime(absl::InfiniteDuration()); }
  static SteadyTime InfinitePast() { return SteadyTime(); }

  // From now on; negative once it has passed.
  absl::Duration left() const { return since_boot_ - Now().since_boot_; }
  bool passed() const { return left() <= absl::ZeroDuration(); }
  // What the wall clock will show, if nobody sets it: for what takes nothing
  // else, right before the call.
  absl::Time OnWallClock() const { return absl::Now() + left(); }

  friend SteadyTime operator+(SteadyTime time, absl::Duration by) { return SteadyTime(time.since_boot_ + by); }
  friend SteadyTime operator-(SteadyTime time, absl::Duration by) { return SteadyTime(time.since_boot_ - by); }
  friend absl::Duration operator-(SteadyTime a, SteadyTime b) { return a.since_boot_ - b.since_boot_; }
  friend bool operator<(SteadyTime a, SteadyTime b) { return a.since_boot_ < b.since_boot_; }
  friend bool operator>(SteadyTime a, SteadyTime b) { return b < a; }
  friend bool operator<=(SteadyTime a, SteadyTime b) { return !(b < a); }
  friend bool operator>=(SteadyTime a, SteadyTime b) { return !(a < b); }
  friend bool operator==(SteadyTime a, SteadyTime b) { return a.since_boot_ == b.since_boot_; }

 private:
  explicit SteadyTime(absl::Duration since_boot) : since_boot_(since_boot) {}

  absl::Duration since_boot_ = -absl::InfiniteDuration();
};

}  // namespace xxt

#endif  // XXT_COMMON_CONCURRENCY_STEADY_TIME_H_
