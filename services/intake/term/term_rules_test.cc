#include "services/intake/term/term_rules.h"

#include <rapidcheck.h>

#include <optional>
#include <utility>
#include <vector>

#include "common/calendar/shanghai_time.h"
#include "gtest/gtest.h"

namespace xxt::intake {
namespace {

using calendar::WorkingDays;

const WorkingDays& Days() { return WorkingDays::China(); }
// A Friday; the week after it is of working days.
const absl::CivilDay kFriday(2026, 3, 6);

absl::CivilDay LastDay(absl::CivilDay start, int workdays, const std::vector<Pause>& pauses = {}) {
  return LastDayOf(start, workdays, pauses, Days()).day;
}

// Looks at one day after the other, as somebody with a calendar on the wall does.
absl::CivilDay CountedOneByOne(absl::CivilDay start, int workdays, const std::vector<Pause>& pauses) {
  absl::CivilDay day = start;
  for (int counted = 0; counted < workdays;) {
    ++day;
    bool counts = Days().IsWorkday(day);
    for (const Pause& pause : pauses) counts = counts && (day < pause.from || day >= pause.until);
    if (counts) ++counted;
  }
  return day;
}

TEST(LastDayOf, CountsWorkingDaysOfTheCalendarWithoutTheFirst) {
  EXPECT_EQ(LastDay(absl::CivilDay(2026, 2, 13), 15), absl::CivilDay(2026, 3, 12)) << "over the Spring Festival";
  EXPECT_EQ(LastDay(kFriday, 1), kFriday + 3);
}

TEST(LastDayOf, DoesNotCountTheDayOfStoppingAndCountsTheDayOfRunningOn) {
  EXPECT_EQ(LastDay(kFriday, 3, {{kFriday + 4, kFriday + 5}}), kFriday + 6);
  EXPECT_EQ(LastDay(kFriday, 3, {{kFriday + 5, kFriday + 5}}), kFriday + 5) << "stopped and run on in one day";
  EXPECT_EQ(LastDay(kFriday, 3, {{kFriday + 5, kFriday + 10}}), kFriday + 10) << "stopped on the last day";
  EXPECT_EQ(LastDay(kFriday, 3, {{kFriday - 4, kFriday + 4}}), kFriday + 6) << "from before the beginning";
}

TEST(LastDayOf, IsProvisionalWhereTheCalendarIsNotPublished) {
  EXPECT_FALSE(LastDayOf(kFriday, 3, {}, Days()).provisional);
  EXPECT_TRUE(LastDayOf(Days().last_day(), 3, {}, Days()).provisional);
}

// Pauses one after the other, as officers can make them.
std::vector<Pause> PausesFrom(absl::CivilDay start, const std::vector<std::pair<int, int>>& lengths) {
  std::vector<Pause> pauses;
  absl::CivilDay at = start;
  for (const auto& [counted, stopped] : lengths) {
    const absl::CivilDay from = at + counted;
    pauses.push_back({from, from + stopped});
    at = from + stopped;
  }
  return pauses;
}

TEST(LastDayOf, IsWhatCountingTheDaysOneByOneFinds) {
  const bool holds = rc::check([] {
    const absl::CivilDay start = absl::CivilDay(2025, 1, 1) + *rc::gen::inRange(0, 700);
    const int workdays = *rc::gen::inRange(1, 60);
    const auto lengths = *rc::gen::container<std::vector<std::pair<int, int>>>(
        rc::gen::pair(rc::gen::inRange(0, 15), rc::gen::inRange(0, 40)));
    const std::vector<Pause> pauses = PausesFrom(start, lengths);
    RC_ASSERT(LastDay(start, workdays, pauses) == CountedOneByOne(start, workdays, pauses));
  });
  EXPECT_TRUE(holds);
}

TEST(LastDayOf, MovesByEachWorkingDayOfAnExtension) {
  const bool holds = rc::check([] {
    const absl::CivilDay start = absl::CivilDay(2025, 1, 1) + *rc::gen::inRange(0, 700);
    const int workdays = *rc::gen::inRange(1, 60);
    const int more = *rc::gen::inRange(1, 11);
    const absl::CivilDay before = LastDay(start, workdays);
    RC_ASSERT(Days().WorkdaysBetween(before, LastDay(start, workdays + more)) == more);
  });
  EXPECT_TRUE(holds);
}

TEST(StopsFor, WhatLawNamesStopsATermOfLaw) {
  EXPECT_TRUE(StopsFor(TermKind::kStatutory, PauseGround::kAppraisal));
  EXPECT_FALSE(StopsFor(TermKind::kStatutory, PauseGround::kWaitsForBody));
  EXPECT_TRUE(StopsFor(TermKind::kPromise, PauseGround::kWaitsForBody));
  EXPECT_FALSE(StopsFor(TermKind::kRespond, PauseGround::kAppraisal));
  EXPECT_FALSE(StopsFor(TermKind::kSilence, PauseGround::kAppraisal));
}

// Walks from look to look and notes the warnings.
std::vector<int> Warned(absl::CivilDay last_day, int warned, absl::Duration late) {
  std::vector<int> given;
  for (;;) {
    const absl::Time now = NextLook(last_day, warned, Days()) + late;
    if (now >= calendar::EndOfDay(last_day)) return given;
    const std::optional<int> reached = WarningReached(last_day, warned, now, Days());
    if (!reached.has_value()) return {-1};
    warned = *reached;
    given.push_back(warned);
  }
}

TEST(Warnings, AreGivenOnceEachFromTheWidestOn) {
  EXPECT_EQ(Warned(kFriday, 20, absl::ZeroDuration()), (std::vector<int>{5, 3, 1, 0}));
  EXPECT_EQ(Warned(kFriday, 3, absl::ZeroDuration()), (std::vector<int>{1, 0})) << "what was given, or never was ahead";
  EXPECT_EQ(Warned(kFriday, 20, absl::Hours(24)), (std::vector<int>{5, 3, 0})) << "the machine was away";
}

TEST(Warnings, LieOnWorkingDaysAtNine) {
  EXPECT_EQ(NextLook(kFriday + 3, 3, Days()), calendar::AtTimeOfDay(kFriday, 9, 0)) << "one day before a Monday";
  EXPECT_EQ(NextLook(kFriday, 0, Days()), calendar::EndOfDay(kFriday));
  EXPECT_FALSE(WarningReached(kFriday, 1, calendar::AtTimeOfDay(kFriday, 8, 59), Days()).has_value());
}

}  // namespace
}  // namespace xxt::intake
