#include "common/testing/clocks.h"

#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>

namespace xxt::test {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

std::atomic<std::int64_t> wall_ahead{0};  // nanoseconds
std::atomic<std::int64_t> all_ahead{0};

}  // namespace

void StepWallClock(absl::Duration by) { wall_ahead += absl::ToInt64Nanoseconds(by); }
void PassTime(absl::Duration by) { all_ahead += absl::ToInt64Nanoseconds(by); }

// What clock_gettime below tells.
timespec Ahead(clockid_t clock, timespec told) {
  const std::int64_t ahead = all_ahead + (clock == CLOCK_REALTIME ? wall_ahead.load() : 0);
  const std::int64_t nanos = told.tv_sec * kSecond + told.tv_nsec + ahead;
  return {nanos / kSecond, nanos % kSecond};
}

}  // namespace xxt::test

extern "C" int clock_gettime(clockid_t clock, timespec* told) {
  const int failed = static_cast<int>(syscall(SYS_clock_gettime, clock, told));
  const bool of_a_process = clock == CLOCK_PROCESS_CPUTIME_ID || clock == CLOCK_THREAD_CPUTIME_ID || clock < 0;
  if (failed == 0 && !of_a_process) *told = xxt::test::Ahead(clock, *told);
  return failed;
}
