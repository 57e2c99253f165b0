#include "services/notification/message/sending_policy_rules.h"

#include <gtest/gtest.h>

#include "common/calendar/shanghai_time.h"
#include "common/calendar/working_days.h"

namespace xxt::notification {
namespace {

SendingPolicy Policy() {
  return {*calendar::OpeningHours::Parse("Mon-Fri 09:00-12:00,13:30-17:00", calendar::WorkingDays::China())};
}

// A moment of November 2026 in Shanghai; the 23rd is a Monday.
absl::Time At(int day, int hour, int minute = 0) {
  return calendar::AtTimeOfDay(absl::CivilDay(2026, 11, day), hour, minute);
}

TEST(EarliestSms, IsAtOnceByDay) {
  EXPECT_EQ(EarliestSms(Policy(), false, At(23, 8)), At(23, 8));
  EXPECT_EQ(EarliestSms(Policy(), false, At(23, 20, 59)), At(23, 20, 59));
}

TEST(EarliestSms, WaitsForTheMorning) {
  EXPECT_EQ(EarliestSms(Policy(), false, At(23, 21)), At(24, 8));
  EXPECT_EQ(EarliestSms(Policy(), false, At(23, 0, 30)), At(23, 8));
}

TEST(EarliestSms, DoesNotWaitWhenItIsUrgent) { EXPECT_EQ(EarliestSms(Policy(), true, At(23, 3)), At(23, 3)); }

TEST(EarliestSms, WaitsForTheEndOfTheHoursThatSomebodyWantsForThemselves) {
  EXPECT_EQ(EarliestSms(Policy(), false, At(23, 13, 30), {13, 15}), At(23, 15)) << "a nap";
  EXPECT_EQ(EarliestSms(Policy(), false, At(23, 12, 59), {13, 15}), At(23, 12, 59));
  EXPECT_EQ(EarliestSms(Policy(), false, At(23, 15), {13, 15}), At(23, 15));
  EXPECT_EQ(EarliestSms(Policy(), false, At(23, 22), {19, 10}), At(24, 10)) << "over midnight, longer than the night";
  EXPECT_EQ(EarliestSms(Policy(), false, At(23, 5), {19, 10}), At(23, 10));
  EXPECT_EQ(EarliestSms(Policy(), false, At(23, 20), {20, 22}), At(24, 8)) << "they end by night";
  EXPECT_EQ(EarliestSms(Policy(), false, At(23, 5), {7, 9}), At(23, 9)) << "the night ends in them";
  EXPECT_EQ(EarliestSms(Policy(), true, At(23, 14), {13, 15}), At(23, 14)) << "it is urgent";
}

TEST(EarliestSms, IsByDayForWhoLeavesNothingOfTheDay) {
  EXPECT_EQ(EarliestSms(Policy(), false, At(23, 11), {8, 21}), At(23, 11));
  EXPECT_EQ(EarliestSms(Policy(), false, At(23, 3), {6, 22}), At(23, 8));
}

TEST(NextCall, IsWhenTheWindowOpensNext) {
  EXPECT_EQ(NextCall(Policy(), At(23, 10)), At(23, 13, 30)) << "after the lunch break";
  EXPECT_EQ(NextCall(Policy(), At(23, 16)), At(24, 9)) << "the next day";
  EXPECT_EQ(NextCall(Policy(), At(27, 16)), At(30, 9)) << "after the weekend";
  EXPECT_EQ(NextCall(Policy(), At(23, 12, 30)), At(23, 13, 30)) << "called while it is closed";
}

}  // namespace
}  // namespace xxt::notification
