#ifndef XXT_COMMON_TESTING_CLOCKS_H_
#define XXT_COMMON_TESTING_CLOCKS_H_

#include "absl/time/time.h"

// The clocks of this process, in a test that links common_testing_clocks: it has a clock_gettime of its own, so that
// the code under test needs no seam.
namespace xxt::test {

// Sets the wall clock by `by`, as an administrator or ntpd does.
void StepWallClock(absl::Duration by);

// Lets time pass on all clocks at once, as for a process that was stopped
// meanwhile. Whoever waits in the kernel does not notice.
void PassTime(absl::Duration by);

}  // namespace xxt::test

#endif  // XXT_COMMON_TESTING_CLOCKS_H_
