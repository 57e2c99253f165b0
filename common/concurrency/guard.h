#ifndef XXT_COMMON_CONCURRENCY_GUARD_H_
#define XXT_COMMON_CONCURRENCY_GUARD_H_

#include <cstdint>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"

namespace xxt {

// Runs `job`. An exception that leaves it ends here, is logged under `where`
// and counted; then it returns false. The last line of defence where a
// thread takes work from outside: one bad input must not end the process. No
// code of ours may rely on it: what can throw is caught where it is called.
[[nodiscard]] bool Guarded(absl::string_view where, absl::FunctionRef<void()> job);

// How many exceptions ended in Guarded since the start.
std::int64_t CaughtExceptions();

}  // namespace xxt

#endif  // XXT_COMMON_CONCURRENCY_GUARD_H_
