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
// What may hold the ledger back: a transaction, a snapshot; and how many transactions later.
inline constexpr absl::Duration kLongTransaction = absl::Minutes(1);
inline constexpr absl::Duration kLongSnapshot = absl::Minutes(10);
inline constexpr double kFarBehind = 10'000'000;
// How far ahead the calendar and the partitions of tables are to reach.
inline constexpr absl::Duration kCalendarAhead = absl::Hours(45 * 24);
inline constexpr double kMonthsAhead = 2;
// When a certificate should have been renewed long since.
inline constexpr absl::Duration kCertificateAhead = absl::Hours(14 * 24);
// How far two clocks may be apart.
inline constexpr absl::Duration kLargestSkew = absl::Seconds(5);

// What is to be thought of what `service` says of its stores, its tasks, whom
// it asks outside, the mailbox and what comes to an end; in Chinese or English.
// `now` is real time. What it does not tell is not looked at.
std::vector<Check> Judge(const std::string& service, const std::vector<Gauge>& gauges, absl::Time now, bool chinese);

}  // namespace xxt::cli

#endif  // XXT_TOOLS_XXT_VERDICTS_H_
