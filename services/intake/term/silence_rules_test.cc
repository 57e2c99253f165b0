#include "services/intake/term/silence_rules.h"

#include "absl/time/civil_time.h"
#include "common/calendar/shanghai_time.h"
#include "gtest/gtest.h"

namespace xxt::intake {
namespace {

constexpr absl::Duration kDay = absl::Hours(24);
const absl::Time kOpened = calendar::AtTimeOfDay(absl::CivilDay(2026, 3, 6), 10, 0);
const absl::Time kDue = kOpened + absl::Hours(5);

// Thirty days, and a word five days before.
ClockLook Look(const CaseClocks& clocks, absl::Duration after_opening) {
  return LookAt(clocks, Policy(), kOpened + after_opening);
}

TEST(LookAt, FindsTheFirstContactLateOnceItIsDue) {
  CaseClocks clocks{.opened = kOpened, .respond_due = kDue};
  EXPECT_FALSE(Look(clocks, absl::Hours(4)).late_response);
  EXPECT_EQ(Look(clocks, absl::Hours(4)).next, kDue);
  EXPECT_TRUE(Look(clocks, absl::Hours(5)).late_response);
  EXPECT_EQ(Look(clocks, absl::Hours(5)).next, kOpened + 25 * kDay);
  clocks.responded = kOpened + absl::Hours(1);
  EXPECT_FALSE(Look(clocks, absl::Hours(5)).late_response);
  clocks.responded = kDue + absl::Hours(1);
  EXPECT_TRUE(Look(clocks, absl::Hours(9)).late_response) << "it came late";
}

TEST(LookAt, SaysThatNothingIsNewOnceBeforeTheMonthIsOver) {
  CaseClocks clocks{.opened = kOpened};
  EXPECT_FALSE(Look(clocks, 24 * kDay).tell_no_news);
  EXPECT_TRUE(Look(clocks, 25 * kDay).tell_no_news);
  EXPECT_EQ(Look(clocks, 25 * kDay).next, kOpened + 30 * kDay);
  clocks.no_news_since = kOpened;
  EXPECT_FALSE(Look(clocks, 26 * kDay).tell_no_news);
  clocks.told = kOpened + kDay;
  EXPECT_TRUE(Look(clocks, 27 * kDay).tell_no_news) << "after the next word, again";
}

TEST(LookAt, FallsSilentAfterAMonthAndIsHeardWithTheNextWord) {
  CaseClocks clocks{.opened = kOpened, .told = kOpened + 2 * kDay};
  EXPECT_FALSE(Look(clocks, 31 * kDay).falls_silent);
  EXPECT_TRUE(Look(clocks, 32 * kDay).falls_silent);
  EXPECT_FALSE(Look(clocks, 32 * kDay).tell_no_news) << "too late for that: a person is asked";
  clocks.silent = true;
  EXPECT_FALSE(Look(clocks, 40 * kDay).falls_silent) << "once";
  EXPECT_GT(Look(clocks, 40 * kDay).next, kOpened + 40 * kDay);
  clocks.told = kOpened + 41 * kDay;
  EXPECT_TRUE(Look(clocks, 41 * kDay).heard);
  EXPECT_EQ(Look(clocks, 41 * kDay).next, kOpened + 66 * kDay);
}

TEST(LookAt, OfACaseFromBeforeCountsFromItsOpening) {
  const ClockLook look = Look({.opened = kOpened, .told = kOpened - kDay}, kDay);
  EXPECT_EQ(look.last_word, kOpened);
  EXPECT_FALSE(look.late_response);
}

}  // namespace
}  // namespace xxt::intake
