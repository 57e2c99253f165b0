#include "common/calendar/working_days.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace xxt::calendar {
namespace {

using ::testing::HasSubstr;

struct Vector {
  absl::CivilDay start;
  int n;
  absl::CivilDay expected;
};

// docs/domain/rules.md, "Time".
class RuleVectors : public ::testing::TestWithParam<Vector> {};

TEST_P(RuleVectors, AreReachedWithoutCountingTheFirstDay) {
  const DayResult result = WorkingDays::China().AddWorkdays(GetParam().start, GetParam().n);
  EXPECT_EQ(result.day, GetParam().expected);
  EXPECT_FALSE(result.provisional);
}

TEST_P(RuleVectors, AreCountedBackByWorkdaysBetween) {
  EXPECT_EQ(WorkingDays::China().WorkdaysBetween(GetParam().start, GetParam().expected), GetParam().n);
  EXPECT_EQ(WorkingDays::China().WorkdaysBetween(GetParam().expected, GetParam().start), -GetParam().n);
}

INSTANTIATE_TEST_SUITE_P(Rules, RuleVectors,
                         ::testing::Values(Vector{absl::CivilDay(2025, 1, 24), 5, absl::CivilDay(2025, 2, 7)},
                                           Vector{absl::CivilDay(2025, 4, 25), 3, absl::CivilDay(2025, 4, 29)},
                                           Vector{absl::CivilDay(2025, 9, 26), 5, absl::CivilDay(2025, 10, 10)},
                                           Vector{absl::CivilDay(2026, 2, 13), 5, absl::CivilDay(2026, 2, 27)},
                                           Vector{absl::CivilDay(2026, 2, 13), 15, absl::CivilDay(2026, 3, 12)},
                                           Vector{absl::CivilDay(2026, 4, 30), 5, absl::CivilDay(2026, 5, 11)},
                                           Vector{absl::CivilDay(2026, 9, 30), 1, absl::CivilDay(2026, 10, 8)}));

TEST(WorkingDays, ChinaKnowsItsHorizon) {
  const WorkingDays& china = WorkingDays::China();
  EXPECT_EQ(china.first_day(), absl::CivilDay(2004, 1, 1));
  EXPECT_EQ(china.last_day(), absl::CivilDay(2026, 12, 31));
  EXPECT_TRUE(china.IsKnown(china.last_day()));
  EXPECT_FALSE(china.IsKnown(china.last_day() + 1));
  EXPECT_FALSE(china.IsKnown(china.first_day() - 1));
}

TEST(WorkingDays, TellsAMovedRestDayFromAWorkedWeekend) {
  const WorkingDays& china = WorkingDays::China();
  EXPECT_EQ(china.KindOf(absl::CivilDay(2026, 2, 14)), DayKind::kWorkedWeekend);
  EXPECT_TRUE(china.IsWorkday(absl::CivilDay(2026, 2, 14)));
  EXPECT_EQ(china.KindOf(absl::CivilDay(2026, 2, 16)), DayKind::kHoliday);
  EXPECT_FALSE(china.IsWorkday(absl::CivilDay(2026, 2, 16)));
  EXPECT_EQ(china.KindOf(absl::CivilDay(2026, 3, 7)), DayKind::kWeekend);
  EXPECT_EQ(china.KindOf(absl::CivilDay(2026, 3, 9)), DayKind::kWorkday);
}

TEST(WorkingDays, FollowsTheWeekAndTheLawPastTheHorizonAndSaysSo) {
  const WorkingDays& china = WorkingDays::China();
  // A holiday by law; whether 4 January is worked nobody has announced yet.
  EXPECT_FALSE(china.IsWorkday(absl::CivilDay(2027, 1, 1)));
  EXPECT_EQ(china.AddWorkdays(absl::CivilDay(2026, 12, 31), 1), (DayResult{absl::CivilDay(2027, 1, 4), true}));
  EXPECT_EQ(china.AddWorkdays(absl::CivilDay(2026, 12, 30), 1), (DayResult{absl::CivilDay(2026, 12, 31), false}));
  EXPECT_TRUE(china.NextWorkdayOnOrAfter(absl::CivilDay(2027, 1, 2)).provisional);
}

TEST(WorkingDays, KnowsTheThirteenHolidaysByLawOfTheNextYears) {
  const WorkingDays& china = WorkingDays::China();
  for (int year = 2027; year <= 2031; ++year) {
    int holidays = 0;
    for (absl::CivilDay day(year, 1, 1); day < absl::CivilDay(year + 1, 1, 1); ++day) {
      holidays += china.KindOf(day) == DayKind::kHoliday ? 1 : 0;
    }
    // In these years mid-autumn falls into the national days.
    EXPECT_EQ(holidays, year == 2028 || year == 2031 ? 12 : 13) << year;
  }
  // From the eve of the lunar year on, four.
  EXPECT_TRUE(china.IsWorkday(absl::CivilDay(2027, 2, 4)));
  for (int day = 5; day <= 8; ++day) EXPECT_FALSE(china.IsWorkday(absl::CivilDay(2027, 2, day))) << day;
  EXPECT_TRUE(china.IsWorkday(absl::CivilDay(2027, 2, 9)));
  // The new moon of 2030 is seven minutes after midnight of 3 February in Beijing.
  EXPECT_TRUE(china.IsWorkday(absl::CivilDay(2030, 2, 1)));
  EXPECT_FALSE(china.IsWorkday(absl::CivilDay(2030, 2, 5)));
}

TEST(WorkingDays, IsProvisionalWhenOnlyTheStartLiesOutsideTheHorizon) {
  EXPECT_TRUE(WorkingDays::China().AddWorkdays(absl::CivilDay(2027, 1, 4), -5).provisional);
  EXPECT_TRUE(WorkingDays::China().LastWorkdayOnOrBefore(absl::CivilDay(2027, 1, 3)).provisional);
}

TEST(WorkingDays, AddingNoneKeepsEvenARestDay) {
  const absl::CivilDay sunday(2026, 3, 8);
  EXPECT_EQ(WorkingDays::China().AddWorkdays(sunday, 0).day, sunday);
}

TEST(WorkingDays, CountsBackwardForNegativeNumbers) {
  EXPECT_EQ(WorkingDays::China().AddWorkdays(absl::CivilDay(2026, 10, 8), -1).day, absl::CivilDay(2026, 9, 30));
  EXPECT_EQ(WorkingDays::China().AddWorkdays(absl::CivilDay(2026, 5, 11), -5).day, absl::CivilDay(2026, 4, 30));
}

TEST(WorkingDays, RollsBackwardOverASpringFestival) {
  EXPECT_EQ(WorkingDays::China().LastWorkdayOnOrBefore(absl::CivilDay(2026, 2, 23)).day, absl::CivilDay(2026, 2, 14));
  EXPECT_EQ(WorkingDays::China().LastWorkdayOnOrBefore(absl::CivilDay(2026, 2, 24)).day, absl::CivilDay(2026, 2, 24));
}

TEST(WorkingDays, RollsForwardOverANationalDay) {
  EXPECT_EQ(WorkingDays::China().NextWorkdayOnOrAfter(absl::CivilDay(2026, 10, 1)).day, absl::CivilDay(2026, 10, 8));
  EXPECT_EQ(WorkingDays::China().NextWorkdayOnOrAfter(absl::CivilDay(2026, 10, 10)).day, absl::CivilDay(2026, 10, 10));
}

TEST(WorkingDays, AgreesWithItselfOverTheWholeHorizon) {
  const WorkingDays& china = WorkingDays::China();
  for (absl::CivilDay day = china.first_day(); day <= china.last_day(); ++day) {
    EXPECT_TRUE(china.IsWorkday(china.NextWorkdayOnOrAfter(day).day));
    EXPECT_TRUE(china.IsWorkday(china.LastWorkdayOnOrBefore(day).day));
    EXPECT_EQ(china.WorkdaysBetween(day, china.AddWorkdays(day, 7).day), 7);
  }
}

std::string Calendar(const std::string& off, const std::string& work) {
  return R"({"first_day":"2026-01-01","last_day":"2026-12-31","off":{)" + off + R"(},"work":{)" + work + "}}";
}

TEST(ParseWorkingDays, TakesACalendarWithoutAnnouncedDays) {
  const auto parsed = WorkingDays::Parse(Calendar("", ""));
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_TRUE(parsed->IsWorkday(absl::CivilDay(2026, 10, 1)));
}

TEST(ParseWorkingDays, NamesWhatIsWrong) {
  const auto message = [](const std::string& text) { return std::string(WorkingDays::Parse(text).status().message()); };
  EXPECT_THAT(message("nonsense"), HasSubstr("not a JSON object"));
  EXPECT_THAT(message("[]"), HasSubstr("not a JSON object"));
  EXPECT_THAT(message(R"({"last_day":"2026-12-31"})"), HasSubstr("first_day"));
  EXPECT_THAT(message(R"({"first_day":"2026-01-01","last_day":"2025-01-01"})"), HasSubstr("before first_day"));
  EXPECT_THAT(message(R"({"first_day":"2026-01-01","last_day":"2026-12-31"})"), HasSubstr("off"));
  EXPECT_THAT(message(Calendar(R"("2026-02-30":"x")", "")), HasSubstr("2026-02-30"));
  EXPECT_THAT(message(Calendar(R"("2026-1-1":"x")", "")), HasSubstr("2026-1-1"));
  EXPECT_THAT(message(Calendar(R"("2027-01-01":"x")", "")), HasSubstr("wrong side of the horizon"));
  EXPECT_THAT(message(Calendar("", R"("2026-02-14":"x"},"by_law":{"2026-12-31":"x")")),
              HasSubstr("2026-12-31 in by_law is on the wrong side"));
  EXPECT_THAT(message(Calendar("", R"("2026-01-05":"x")")), HasSubstr("no weekend day"));
  EXPECT_THAT(message(Calendar(R"("2026-01-04":"x")", R"("2026-01-04":"x")")), HasSubstr("both off and worked"));
}

}  // namespace
}  // namespace xxt::calendar
