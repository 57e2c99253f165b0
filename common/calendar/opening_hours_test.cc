#include "common/calendar/opening_hours.h"

#include <string>

#include "common/calendar/in_words.h"
#include "common/calendar/shanghai_time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace xxt::calendar {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr char kUsual[] = "Mon-Fri 08:30-11:30,13:30-17:00; Sat 09:00-12:00";

OpeningHours Hours(absl::string_view text = kUsual) { return OpeningHours::Parse(text, WorkingDays::China()).value(); }

absl::Time At(int month, int day, int hour, int minute) {
  return AtTimeOfDay(absl::CivilDay(2026, month, day), hour, minute);
}

TEST(OpeningHours, OpensAtTheFirstMinuteAndClosesAtTheLast) {
  const OpeningHours hours = Hours();
  EXPECT_FALSE(hours.IsOpen(At(3, 2, 8, 29)));
  EXPECT_TRUE(hours.IsOpen(At(3, 2, 8, 30)));
  EXPECT_TRUE(hours.IsOpen(At(3, 2, 11, 29)));
  EXPECT_FALSE(hours.IsOpen(At(3, 2, 11, 30)));
  EXPECT_FALSE(hours.IsOpen(At(3, 2, 12, 0)));
  EXPECT_TRUE(hours.IsOpen(At(3, 2, 13, 30)));
  EXPECT_FALSE(hours.IsOpen(At(3, 2, 17, 0)));
}

TEST(OpeningHours, KeepsSaturdayHoursOnAnOrdinarySaturday) {
  EXPECT_TRUE(Hours().IsOpen(At(3, 7, 9, 0)));
  EXPECT_FALSE(Hours().IsOpen(At(3, 7, 14, 0)));
  EXPECT_FALSE(Hours().IsOpen(At(3, 8, 9, 0)));  // Sunday
}

TEST(OpeningHours, IsClosedOnAMovedRestDay) {
  EXPECT_TRUE(Hours().SpansOn(absl::CivilDay(2026, 2, 16)).empty());  // a Monday of the Spring Festival
  EXPECT_TRUE(Hours().SpansOn(absl::CivilDay(2026, 2, 21)).empty());  // its Saturday
}

TEST(OpeningHours, FollowsMondaysHoursOnAWorkedWeekendDay) {
  EXPECT_TRUE(Hours().IsOpen(At(2, 14, 14, 0)));                       // Saturday
  EXPECT_TRUE(Hours("Mon-Fri 08:30-17:00").IsOpen(At(1, 4, 10, 0)));   // Sunday
  EXPECT_FALSE(Hours("Tue-Thu 08:30-17:00").IsOpen(At(1, 4, 10, 0)));  // Monday is closed, so is this
  EXPECT_TRUE(Hours("Tue,Sun 08:30-17:00").IsOpen(At(1, 4, 10, 0)));   // own hours
}

TEST(NextOpen, IsTheMomentItselfWhenOpen) { EXPECT_EQ(Hours().NextOpen(At(3, 2, 9, 12)), At(3, 2, 9, 12)); }

TEST(NextOpen, WaitsForTheAfternoonOverLunch) { EXPECT_EQ(Hours().NextOpen(At(3, 2, 11, 30)), At(3, 2, 13, 30)); }

TEST(NextOpen, SkipsTheWeekend) { EXPECT_EQ(Hours().NextOpen(At(3, 7, 12, 0)), At(3, 9, 8, 30)); }

TEST(NextOpen, SkipsTheSpringFestival) { EXPECT_EQ(Hours().NextOpen(At(2, 14, 17, 0)), At(2, 24, 8, 30)); }

TEST(NextOpen, FindsTheOnlyDayOfTheWeekEvenAcrossHolidays) {
  // Sunday 2026-10-04 lies in the National Day holiday.
  EXPECT_EQ(Hours("Sun 09:00-10:00").NextOpen(At(9, 27, 12, 0)), At(10, 11, 9, 0));
}

TEST(NextOpen, IsAlwaysNowForRoundTheClockServices) {
  EXPECT_TRUE(Hours("24/7").IsOpen(At(2, 17, 3, 0)));
  EXPECT_FALSE(Hours("Mon-Sun 00:00-24:00").IsOpen(At(2, 17, 3, 0)));
  EXPECT_TRUE(Hours("Mon-Sun 00:00-24:00").IsOpen(At(3, 1, 23, 59)));
}

TEST(NextOpen, WorksPastTheHorizon) {
  const absl::Time saturday = StartOfDay(absl::CivilDay(2030, 1, 5));
  EXPECT_EQ(Hours("Mon-Fri 08:30-17:00").NextOpen(saturday), AtTimeOfDay(absl::CivilDay(2030, 1, 7), 8, 30));
}

TEST(AddOpenWorkdays, KeepsTheTimeOfDay) { EXPECT_EQ(Hours().AddOpenWorkdays(At(3, 2, 10, 15), 2), At(3, 4, 10, 15)); }

TEST(AddOpenWorkdays, SkipsRestDaysAndMovesIntoOpeningHours) {
  EXPECT_EQ(Hours().AddOpenWorkdays(At(2, 13, 18, 0), 2), At(2, 25, 8, 30));
  EXPECT_EQ(Hours().AddOpenWorkdays(At(3, 6, 12, 0), 1), At(3, 9, 13, 30));
}

TEST(AddOpenWorkdays, WaitsForABodyThatOpensOnOneDayOnly) {
  EXPECT_EQ(Hours("Tue 09:00-11:00").AddOpenWorkdays(At(3, 3, 10, 0), 2), At(3, 10, 9, 0));
}

TEST(ParseOpeningHours, KeepsItsText) { EXPECT_EQ(Hours(" 24/7 ").text(), "24/7"); }

TEST(ParseOpeningHours, TakesListsOfDays) {
  const OpeningHours hours = Hours("Mon-Tue,Thu 09:00-12:00, 13:00-15:00");
  EXPECT_TRUE(hours.IsOpen(At(3, 5, 14, 0)));
  EXPECT_FALSE(hours.IsOpen(At(3, 4, 14, 0)));
}

TEST(ParseOpeningHours, NamesTheOffendingPart) {
  const auto message = [](absl::string_view text) {
    return std::string(OpeningHours::Parse(text, WorkingDays::China()).status().message());
  };
  EXPECT_THAT(message(""), HasSubstr("no hours"));
  EXPECT_THAT(message("Mon-Fri"), AllOf(HasSubstr("\"Mon-Fri\""), HasSubstr("no hours")));
  EXPECT_THAT(message("Mon 09:00-12:00;"), HasSubstr("no hours"));
  EXPECT_THAT(message("Mon-Fri 25:00-26:00"), HasSubstr("\"25:00\" in \"Mon-Fri 25:00-26:00\""));
  EXPECT_THAT(message("Mon 9:00-12:00"), HasSubstr("\"9:00\""));
  EXPECT_THAT(message("Mon 09:60-12:00"), HasSubstr("\"09:60\""));
  EXPECT_THAT(message("Mon 09:00-24:01"), HasSubstr("\"24:01\""));
  EXPECT_THAT(message("Mon 09:00"), HasSubstr("not a span"));
  EXPECT_THAT(message("Mon 12:00-09:00"), HasSubstr("ends before it starts"));
  EXPECT_THAT(message("Mon 09:00-12:00,11:00-13:00"), HasSubstr("\"11:00-13:00\""));
  EXPECT_THAT(message("Moon 09:00-12:00"), HasSubstr("\"Moon\""));
  EXPECT_THAT(message("Fri-Mon 09:00-12:00"), HasSubstr("runs backward"));
  EXPECT_THAT(message("Mon-Tue-Wed 09:00-12:00"), HasSubstr("not a day"));
  EXPECT_THAT(message("Mon-Fri 09:00-12:00; Fri 13:00-15:00"), HasSubstr("\"Fri\" in \"Fri 13:00-15:00\""));
}

TEST(InWords, ADayHasItsYearAndNoZeros) { EXPECT_EQ(DayInWords(absl::CivilDay(2027, 2, 6)), "2027年2月6日"); }

TEST(InWords, HoursAreReadByPeople) {
  EXPECT_EQ(HoursInWords("Mon-Fri 08:30-16:00; Sat 09:00-12:00"), "周一至周五 08:30-16:00；周六 09:00-12:00");
  EXPECT_EQ(HoursInWords("Tue,Thu 09:00-11:30"), "周二、周四 09:00-11:30");
  EXPECT_EQ(HoursInWords("24/7"), "全天（节假日不休）");
}

}  // namespace
}  // namespace xxt::calendar
