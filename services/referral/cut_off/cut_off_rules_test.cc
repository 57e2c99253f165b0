#include "services/referral/cut_off/cut_off_rules.h"

#include <vector>

#include "common/calendar/shanghai_time.h"
#include "gtest/gtest.h"

namespace xxt::referral {
namespace {

using calendar::AtTimeOfDay;
using calendar::WorkingDays;

CutOff After(absl::CivilDay anchor, absl::string_view period) {
  return ComputeCutOff(anchor, ParseRulePeriod(period).value(), WorkingDays::China());
}

TEST(ParseRulePeriod, TakesYearsMonthsAndDays) {
  EXPECT_EQ(ParseRulePeriod("P10Y").value(), (RulePeriod{10, 0, 0}));
  EXPECT_EQ(ParseRulePeriod("P6M").value(), (RulePeriod{0, 6, 0}));
  EXPECT_EQ(ParseRulePeriod("P90D").value(), (RulePeriod{0, 0, 90}));
  EXPECT_EQ(ParseRulePeriod("P1Y6M15D").value(), (RulePeriod{1, 6, 15}));
  EXPECT_EQ(ParseRulePeriod("P1Y15D").value(), (RulePeriod{1, 0, 15}));
}

TEST(ParseRulePeriod, RefusesEveryOtherForm) {
  for (const char* text : {"", "P", "10Y", "P10", "PY", "P10y", "P6M1Y", "P1Y1Y", "P2W", "PT1H", "P1YT1H", "P-1Y",
                           "P1.5Y", "P0D", "P0Y0M0D", "P10000D", "P1Y ", " P1Y"}) {
    EXPECT_EQ(ParseRulePeriod(text).status().code(), absl::StatusCode::kInvalidArgument) << text;
  }
}

TEST(ComputeCutOff, EndsOnTheCorrespondingDayTenYearsAfterTheCremation) {
  const CutOff cut_off = After(absl::CivilDay(2016, 3, 3), "P10Y");  // shen's story
  EXPECT_EQ(cut_off.last_day, absl::CivilDay(2026, 3, 3));
  EXPECT_EQ(cut_off.last_safe_day, absl::CivilDay(2026, 3, 3));
  EXPECT_FALSE(cut_off.provisional);
}

TEST(ComputeCutOff, RollsTheSafeDayBackwardOverAWeekend) {
  const CutOff cut_off = After(absl::CivilDay(2016, 3, 8), "P10Y");
  EXPECT_EQ(cut_off.last_day, absl::CivilDay(2026, 3, 8));  // a Sunday
  EXPECT_EQ(cut_off.last_safe_day, absl::CivilDay(2026, 3, 6));
}

TEST(ComputeCutOff, RollsTheSafeDayBackwardOverTheSpringFestivalToAWorkedSaturday) {
  EXPECT_EQ(After(absl::CivilDay(2016, 2, 20), "P10Y").last_safe_day, absl::CivilDay(2026, 2, 14));
}

TEST(ComputeCutOff, TakesTheMonthsEndWhereThereIsNoCorrespondingDay) {
  EXPECT_EQ(After(absl::CivilDay(2016, 2, 29), "P10Y").last_day, absl::CivilDay(2026, 2, 28));
  EXPECT_EQ(After(absl::CivilDay(2016, 2, 29), "P8Y").last_day, absl::CivilDay(2024, 2, 29));
  EXPECT_EQ(After(absl::CivilDay(2025, 8, 31), "P6M").last_day, absl::CivilDay(2026, 2, 28));
  EXPECT_EQ(After(absl::CivilDay(2025, 10, 31), "P1M").last_day, absl::CivilDay(2025, 11, 30));
}

TEST(ComputeCutOff, DoesNotCountTheAnchorsOwnDay) {
  EXPECT_EQ(After(absl::CivilDay(2026, 1, 1), "P90D").last_day, absl::CivilDay(2026, 4, 1));
  EXPECT_EQ(After(absl::CivilDay(2025, 12, 15), "P1M1D").last_day, absl::CivilDay(2026, 1, 16));
}

TEST(ComputeCutOff, IsProvisionalPastTheHorizon) {
  const CutOff cut_off = After(absl::CivilDay(2020, 1, 1), "P10Y");
  EXPECT_TRUE(cut_off.provisional);
  EXPECT_EQ(cut_off.last_day, absl::CivilDay(2030, 1, 1));
  EXPECT_EQ(cut_off.last_safe_day, absl::CivilDay(2029, 12, 31)) << "1 January is a holiday by law";
}

TEST(HasLapsed, IsFalseUntilTheLastDayIsOver) {
  const CutOff cut_off = After(absl::CivilDay(2016, 3, 8), "P10Y");
  EXPECT_FALSE(HasLapsed(cut_off, AtTimeOfDay(cut_off.last_day, 23, 59)));
  EXPECT_TRUE(HasLapsed(cut_off, AtTimeOfDay(cut_off.last_day, 24, 0)));
}

std::vector<int> Rungs(const std::vector<Warning>& warnings) {
  std::vector<int> rungs;
  rungs.reserve(warnings.size());
  for (const Warning& warning : warnings) rungs.push_back(warning.rung);
  return rungs;
}

TEST(WarningsFor, ClimbsAllRungsWhenThereIsTime) {
  const CutOff cut_off = After(absl::CivilDay(2016, 6, 30), "P10Y");
  const auto warnings = WarningsFor(cut_off, AtTimeOfDay(absl::CivilDay(2026, 1, 5), 10, 0));
  ASSERT_EQ(Rungs(warnings), (std::vector<int>{90, 30, 7, 1, 0, -1}));
  EXPECT_EQ(warnings[0].day, absl::CivilDay(2026, 4, 1));
  EXPECT_EQ(warnings[0].fire_time, AtTimeOfDay(absl::CivilDay(2026, 4, 1), 9, 0));
  EXPECT_EQ(warnings[4].day, absl::CivilDay(2026, 6, 30));
}

TEST(WarningsFor, CountsFromTheLastSafeDayAndNotFromTheLastDay) {
  const CutOff cut_off = After(absl::CivilDay(2016, 3, 8), "P10Y");
  const auto warnings = WarningsFor(cut_off, AtTimeOfDay(absl::CivilDay(2026, 3, 1), 10, 0));
  EXPECT_EQ(warnings.end()[-2].day, absl::CivilDay(2026, 3, 6));
}

TEST(WarningsFor, CollapsesRungsAlreadyReachedIntoOneImmediateWarning) {
  const CutOff cut_off = After(absl::CivilDay(2016, 6, 30), "P10Y");
  const absl::Time now = AtTimeOfDay(absl::CivilDay(2026, 6, 10), 14, 20);
  const auto warnings = WarningsFor(cut_off, now);
  ASSERT_EQ(Rungs(warnings), (std::vector<int>{30, 7, 1, 0, -1}));
  EXPECT_EQ(warnings[0].fire_time, now);
  EXPECT_EQ(warnings[1].fire_time, AtTimeOfDay(absl::CivilDay(2026, 6, 23), 9, 0));
}

TEST(WarningsFor, CountsARungAsReachedAtItsVeryMoment) {
  const CutOff cut_off = After(absl::CivilDay(2016, 6, 30), "P10Y");
  const absl::Time rung_seven = AtTimeOfDay(absl::CivilDay(2026, 6, 23), 9, 0);
  EXPECT_EQ(Rungs(WarningsFor(cut_off, rung_seven - absl::Seconds(1))), (std::vector<int>{30, 7, 1, 0, -1}));
  EXPECT_EQ(Rungs(WarningsFor(cut_off, rung_seven)), (std::vector<int>{7, 1, 0, -1}));
}

TEST(WarningsFor, GivesOneLastWarningOnTheLastDay) {
  const CutOff cut_off = After(absl::CivilDay(2016, 3, 8), "P10Y");
  for (const absl::CivilDay day : {cut_off.last_safe_day, cut_off.last_day}) {
    const absl::Time now = AtTimeOfDay(day, 10, 0);
    const auto warnings = WarningsFor(cut_off, now);
    ASSERT_EQ(Rungs(warnings), (std::vector<int>{0, -1}));
    EXPECT_EQ(warnings[0].fire_time, now);
  }
}

TEST(WarningsFor, SaysThatItIsOverTheDayAfterOrAtOnce) {
  const CutOff cut_off = After(absl::CivilDay(2016, 3, 8), "P10Y");
  const absl::Time morning_after = AtTimeOfDay(cut_off.last_day + 1, 9, 0);
  EXPECT_EQ(WarningsFor(cut_off, AtTimeOfDay(cut_off.last_day, 10, 0)).back().fire_time, morning_after);
  const absl::Time later = morning_after + absl::Hours(24 * 400);
  const auto warnings = WarningsFor(cut_off, later);
  ASSERT_EQ(Rungs(warnings), (std::vector<int>{-1}));
  EXPECT_EQ(warnings[0].fire_time, later);
}

TEST(WarningsFor, IsAscendingAndNeverInThePast) {
  const CutOff cut_off = After(absl::CivilDay(2016, 6, 30), "P10Y");
  for (absl::CivilDay day(2026, 3, 1); day <= cut_off.last_day; ++day) {
    const absl::Time now = AtTimeOfDay(day, 11, 0);
    absl::Time previous = now - absl::Nanoseconds(1);
    for (const Warning& warning : WarningsFor(cut_off, now)) {
      EXPECT_GT(warning.fire_time, previous);
      previous = warning.fire_time;
    }
    EXPECT_EQ(WarningsFor(cut_off, now).back().rung, kPassedRung);
  }
}

}  // namespace
}  // namespace xxt::referral
