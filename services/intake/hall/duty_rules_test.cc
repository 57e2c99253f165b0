#include "services/intake/hall/duty_rules.h"

#include "absl/time/civil_time.h"
#include "common/calendar/shanghai_time.h"
#include "gtest/gtest.h"

namespace xxt::intake::hall {
namespace {

constexpr char kHours[] = "Mon-Fri 09:00-12:00,13:30-17:30";
const absl::CivilDay kFriday(2026, 3, 6);

absl::Time At(absl::CivilDay day, int hour, int minute) { return calendar::AtTimeOfDay(day, hour, minute); }

absl::Time Add(absl::Time start, absl::Duration span) { return AddOpenTime(*HoursOf(kHours), start, span); }

TEST(DivisionOf, IsTheDistrictsSixDigits) {
  EXPECT_EQ(DivisionOf("halls/110102016"), 110102);
  EXPECT_EQ(DivisionOf("halls/110102"), 110102);
  EXPECT_EQ(DivisionOf("halls/"), 0);
}

TEST(AddOpenTime, CountsOpenMinutesOnly) {
  EXPECT_EQ(Add(At(kFriday, 9, 0), absl::Hours(2)), At(kFriday, 11, 0));
  EXPECT_EQ(Add(At(kFriday, 11, 0), absl::Hours(2)), At(kFriday, 14, 30));
  EXPECT_EQ(Add(At(kFriday, 11, 0), absl::Hours(1)), At(kFriday, 12, 0));
}

TEST(AddOpenTime, GoesOnAfterTheWeekend) {
  EXPECT_EQ(Add(At(kFriday, 16, 30), absl::Hours(4)), At(kFriday + 3, 12, 0));
  EXPECT_EQ(Add(At(kFriday + 1, 10, 0), absl::Hours(1)), At(kFriday + 3, 10, 0));
}

TEST(AddOpenTime, OfNothingIsTheNextOpeningMoment) {
  EXPECT_EQ(Add(At(kFriday, 12, 30), absl::ZeroDuration()), At(kFriday, 13, 30));
}

}  // namespace
}  // namespace xxt::intake::hall
