#include "common/calendar/shanghai_time.h"

#include "gtest/gtest.h"

namespace xxt::calendar {
namespace {

TEST(Shanghai, IsEightHoursAheadOfUtcInSummerAndWinter) {
  for (const int month : {1, 7}) {
    const absl::Time t = absl::FromCivil(absl::CivilHour(2026, month, 1, 20), absl::UTCTimeZone());
    EXPECT_EQ(absl::ToCivilHour(t, Shanghai()), absl::CivilHour(2026, month, 2, 4));
  }
}

TEST(ToCivilDay, ChangesAtMidnightInShanghaiAndNotInGreenwich) {
  const absl::Time midnight = absl::FromCivil(absl::CivilSecond(2026, 2, 12, 16), absl::UTCTimeZone());
  EXPECT_EQ(ToCivilDay(midnight - absl::Nanoseconds(1)), absl::CivilDay(2026, 2, 12));
  EXPECT_EQ(ToCivilDay(midnight), absl::CivilDay(2026, 2, 13));
}

TEST(EndOfDay, IsTheStartOfTheNextDay) {
  const absl::CivilDay day(2025, 12, 31);
  EXPECT_EQ(EndOfDay(day), StartOfDay(absl::CivilDay(2026, 1, 1)));
  EXPECT_EQ(ToCivilDay(EndOfDay(day) - absl::Nanoseconds(1)), day);
  EXPECT_EQ(EndOfDay(day) - StartOfDay(day), absl::Hours(24));
}

TEST(AtTimeOfDay, CountsHoursFromMidnight) {
  const absl::CivilDay day(2026, 3, 2);
  EXPECT_EQ(absl::FormatTime(absl::RFC3339_sec, AtTimeOfDay(day, 9, 5), Shanghai()), "2026-03-02T09:05:00+08:00");
  EXPECT_EQ(AtTimeOfDay(day, 24, 0), EndOfDay(day));
}

}  // namespace
}  // namespace xxt::calendar
