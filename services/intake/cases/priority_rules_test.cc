#include "services/intake/cases/priority_rules.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <tuple>

namespace xxt::intake {
namespace {

const Policy kPolicy;

TEST(HeadStartOf, GrowsWithTheLevel) {
  EXPECT_EQ(HeadStartOf(PriorityLevel::kNormal, kPolicy), absl::ZeroDuration());
  EXPECT_EQ(HeadStartOf(PriorityLevel::kHigh, kPolicy), kPolicy.high_head_start);
  EXPECT_EQ(HeadStartOf(PriorityLevel::kUrgent, kPolicy), kPolicy.urgent_head_start);
  EXPECT_LT(kPolicy.high_head_start, kPolicy.urgent_head_start);
}

struct Waits {
  absl::Duration normal;
  absl::Duration urgent;
};

// The longest waits in a month in which nine urgent cases come each hour and one normal one, ten are done, and a
// hundred urgent ones lay there before. Each is due when it comes.
Waits LongestWaits(absl::Duration head_start) {
  const absl::Time begin = absl::FromUnixSeconds(1'800'000'000);
  // The work list: its order, and which are urgent.
  std::set<std::tuple<absl::Time, int, bool, absl::Time>> list;
  int arrival = 0;
  const auto come = [&](absl::Time now, bool urgent) {
    list.emplace(now - (urgent ? head_start : absl::ZeroDuration()), ++arrival, urgent, now);
  };
  Waits longest{absl::ZeroDuration(), absl::ZeroDuration()};
  const auto wait = [&](bool urgent, absl::Duration waited) {
    absl::Duration& most = urgent ? longest.urgent : longest.normal;
    most = std::max(most, waited);
  };
  for (int i = 0; i < 100; ++i) come(begin, true);
  absl::Time now = begin;
  for (int hour = 0; hour < 30 * 24; ++hour, now += absl::Hours(1)) {
    for (int i = 0; i < 10; ++i) come(now, i < 9);
    for (int i = 0; i < 10; ++i) {
      const auto [place, number, urgent, came] = *list.begin();
      wait(urgent, now - came);
      list.erase(list.begin());
    }
  }
  for (const auto& [place, number, urgent, came] : list) wait(urgent, now - came);
  return longest;
}

// Ten hours is what the hundred take that lay there.
TEST(HeadStartOf, StarvesNobodyUnderALoadOfNineToOne) {
  const Waits waits = LongestWaits(HeadStartOf(PriorityLevel::kUrgent, kPolicy));
  EXPECT_LE(waits.normal, kPolicy.urgent_head_start + absl::Hours(10));
  EXPECT_GT(waits.normal, waits.urgent);
}

TEST(HeadStartOf, WithoutABoundWouldStarveThem) {
  EXPECT_GT(LongestWaits(absl::InfiniteDuration()).normal, kPolicy.urgent_head_start + absl::Hours(10));
}

}  // namespace
}  // namespace xxt::intake
