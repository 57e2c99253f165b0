#ifndef XXT_TESTS_BENCH_CPU_H_
#define XXT_TESTS_BENCH_CPU_H_

#include <sys/resource.h>

namespace xxt::bench {

// What this process has used so far, in seconds of one processor.
inline double CpuSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec);
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

}  // namespace xxt::bench

#endif  // XXT_TESTS_BENCH_CPU_H_
