#ifndef XXT_TOOLS_XXT_VERDICTS_H_
#define XXT_TOOLS_XXT_VERDICTS_H_

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "tools/xxt/gauges.h"

namespace xxt::cli {

// One thing that was looked at.
struct Check {
  std::string what;
  bool good = false;
  std::string found;
  std::string remedy;  // what to do if not good
};

// How long a task of the machine may wait, and the mailbox go unread.
inline constexpr absl::Duration kLongestStandstill = absl::Minutes(10);

// What is to be thought of what `service` says of its stores, its tasks, whom
// it asks outside and the mailbox; in Chinese or English. `now` is real time.
std::vector<Check> Judge(const std::string& service, const std::vector<Gauge>& gauges, absl::Time now, bool chinese);

}  // namespace xxt::cli

#endif  // XXT_TOOLS_XXT_VERDICTS_H_
