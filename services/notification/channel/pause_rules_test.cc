#include "services/notification/channel/pause_rules.h"

#include "common/calendar/shanghai_time.h"
#include "common/calendar/working_days.h"
#include "gtest/gtest.h"

namespace xxt::notification {
namespace {

const SendingPolicy kPolicy{
    *calendar::OpeningHours::Parse("Mon-Fri 09:00-12:00,13:30-17:00", calendar::WorkingDays::China())};

// A moment of November 2026 in Shanghai; the 23rd is a Monday.
absl::Time At(int day, int hour, int minute = 0) {
  return calendar::AtTimeOfDay(absl::CivilDay(2026, 11, day), hour, minute);
}
bool ByPerson(absl::Time true_until, absl::Time next_action) {
  return HoldFor(kPolicy, false, true_until, next_action, At(23, 10)).by_person;
}

TEST(HoldFor, LetsWhatHasTimeWaitUntilThePauseIsOverOrAskedAbout) {
  const Hold hold = HoldFor(kPolicy, false, absl::InfiniteFuture(), At(24, 10), At(23, 10));
  EXPECT_FALSE(hold.by_person);
  EXPECT_EQ(hold.until, At(24, 10));
}

TEST(HoldFor, LeavesNothingUrgentToAPause) {
  EXPECT_TRUE(HoldFor(kPolicy, true, absl::InfiniteFuture(), At(23, 11), At(23, 10)).by_person);
}

TEST(HoldFor, HasAPersonRingUpWhereTheWordsWouldNotBeTrueAnyMore) {
  EXPECT_TRUE(ByPerson(At(23, 18), At(24, 10)));
  EXPECT_FALSE(ByPerson(At(28, 0), At(24, 10)));
}

// At 11:59 one opening is all but over: the next one is there for the call.
TEST(HoldFor, LeavesAWholeOpeningForTheCallIfThePauseGoesOn) {
  EXPECT_TRUE(ByPerson(At(24, 17), At(24, 11, 59)));
  EXPECT_FALSE(ByPerson(At(26, 0), At(24, 11, 59)));
  EXPECT_TRUE(ByPerson(At(30, 9), At(27, 18))) << "on Friday evening nobody rings up before Monday";
}

TEST(HoldFor, CountsTheNightThatFollowsThePause) { EXPECT_TRUE(ByPerson(At(24, 8), At(23, 22))); }

TEST(HoldFor, LooksAgainSoonWhereNobodyHasYetDoneWhatIsDue) {
  EXPECT_EQ(HoldFor(kPolicy, false, absl::InfiniteFuture(), At(23, 9), At(23, 10)).until, At(23, 10, 1));
}

}  // namespace
}  // namespace xxt::notification
