#include "services/intake/plan/plan_rules.h"

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/calendar/working_days.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace xxt::intake {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Eq;
using ::testing::IsEmpty;
using ::testing::Optional;
using enum StepState;

const absl::CivilDay kMonday(2026, 3, 2);  // of weeks without holidays

// The field at fault, "" if there is none.
std::string FaultOf(const std::vector<PlanStep>& steps) {
  const std::optional<errors::Violation> fault = FindGraphFault(steps, "steps");
  return fault.has_value() ? fault->field : "";
}

TEST(FindGraphFault, SaysWhichKeyIsTwiceAndWhichStepIsMissingBeforeItLooksForACircle) {
  EXPECT_EQ(FaultOf({{.key = "a"}, {.key = "b"}, {.key = "a"}}), "steps[2].key");
  EXPECT_EQ(FaultOf({{.key = "a", .after = {"b"}}, {.key = "b", .after = {"a", "c"}}}), "steps[1].after[1]");
  EXPECT_EQ(FaultOf({{.key = "a", .after = {"b"}}, {.key = "b", .after = {"a"}}}), "steps[0].after");
}

TEST(FindGraphFault, NamesAStepOnTheCircleNotOneThatOnlyWaitsForIt) {
  EXPECT_EQ(FaultOf({{.key = "waits", .after = {"self"}}, {.key = "self", .after = {"self"}}}), "steps[1].after");
  EXPECT_EQ(FaultOf({{.key = "a"}, {.key = "b", .after = {"a", "a"}}, {.key = "c", .after = {"a", "b"}}}), "");
}

TEST(StatesOf, OpensWhatWaitsForNothing) {
  EXPECT_THAT(StatesOf({{.key = "a"}, {.key = "b", .after = {"a"}}}), ElementsAre(kOpen, kWaiting));
  EXPECT_THAT(StatesOf({{.key = "a", .state = kDone}, {.key = "b", .after = {"a"}}}), ElementsAre(kDone, kOpen));
}

TEST(StatesOf, WhatComesAfterASkippedStepWaitsForWhatCameBeforeIt) {
  std::vector<PlanStep> steps = {
      {.key = "a"}, {.key = "b", .after = {"a"}, .state = kSkipped}, {.key = "c", .after = {"b"}}};
  EXPECT_THAT(StatesOf(steps), ElementsAre(kOpen, kSkipped, kWaiting));
  steps[0].state = kDone;
  EXPECT_THAT(StatesOf(steps), ElementsAre(kDone, kSkipped, kOpen));
}

TEST(StandingOn, GoesAllTheWay) {
  const std::vector<PlanStep> steps = {
      {.key = "d", .after = {"b", "c"}}, {.key = "a"}, {.key = "b", .after = {"a"}}, {.key = "c", .after = {"a"}}};
  EXPECT_THAT(StandingOn(steps, 1), ElementsAre(0U, 2U, 3U));
  EXPECT_THAT(StandingOn(steps, 0), IsEmpty());
}

TEST(ForecastOf, CountsWorkingDaysAlongTheLongestWay) {
  const Forecast forecast = ForecastOf({{.key = "archive", .workdays = 3, .state = kOpen, .day = kMonday},
                                        {.key = "benefit", .after = {"archive"}, .workdays = 2},
                                        {.key = "bank", .workdays = 1, .state = kOpen, .day = kMonday},
                                        {.key = "insurance", .after = {"bank", "benefit"}, .workdays = 1}},
                                       kMonday);
  EXPECT_THAT(forecast.finish,
              ElementsAre(kMonday + 3, absl::CivilDay(2026, 3, 9), kMonday + 1, absl::CivilDay(2026, 3, 10)));
  EXPECT_THAT(forecast.last, Optional(Eq(absl::CivilDay(2026, 3, 10))));
  EXPECT_THAT(forecast.critical, ElementsAre(0U, 1U, 3U));
  EXPECT_FALSE(forecast.provisional);
}

TEST(ForecastOf, NothingThatIsOpenIsDoneBeforeTodayAndWhatWaitsCountsFromThen) {
  const Forecast forecast = ForecastOf(
      {{.key = "a", .workdays = 1, .state = kOpen, .day = kMonday}, {.key = "b", .after = {"a"}, .workdays = 1}},
      kMonday + 3);
  EXPECT_THAT(forecast.finish, ElementsAre(kMonday + 3, kMonday + 4));
}

TEST(ForecastOf, WhatIsSkippedTakesNoTimeAndWhatIsDoneDecidesNothing) {
  const std::vector<PlanStep> steps = {{.key = "done", .workdays = 9, .state = kDone, .day = kMonday},
                                       {.key = "open", .workdays = 2, .state = kOpen, .day = kMonday},
                                       {.key = "skipped", .after = {"open"}, .workdays = 99, .state = kSkipped},
                                       {.key = "last", .after = {"skipped", "done"}, .workdays = 1}};
  EXPECT_THAT(ForecastOf(steps, kMonday).critical, ElementsAre(1U, 3U));
  EXPECT_THAT(ForecastOf(steps, kMonday).last, Optional(Eq(kMonday + 3)));
}

TEST(ForecastOf, OfAPlanThatIsDoneIsItsLastDay) {
  const Forecast forecast = ForecastOf({{.key = "a", .state = kDone, .day = kMonday + 1},
                                        {.key = "b", .state = kDone, .day = kMonday},
                                        {.key = "c", .state = kSkipped}},
                                       kMonday + 30);
  EXPECT_THAT(forecast.last, Optional(Eq(kMonday + 1)));
  EXPECT_THAT(forecast.critical, IsEmpty());
  EXPECT_FALSE(ForecastOf({{.key = "c", .state = kSkipped}}, kMonday).last.has_value());
}

TEST(ForecastOf, SaysThatTheDayMayChangeBeyondTheCalendar) {
  EXPECT_TRUE(ForecastOf({{.key = "a", .workdays = 250}}, calendar::WorkingDays::China().last_day()).provisional);
}

// Pairs, each step after both of the pair before. Of the thirty that a plan may have there are a thousand million ways
// through, which somebody might have the patience to walk; of these nobody.
TEST(ForecastOf, HasTheTimeOfTheGraphNotOfItsWays) {
  constexpr int kSteps = 600;
  std::vector<PlanStep> steps;
  for (int i = 0; i < kSteps; ++i) {
    PlanStep& made = steps.emplace_back(PlanStep{.key = absl::StrCat("s", i), .workdays = 1 + i % 2});
    if (i > 1) made.after = {absl::StrCat("s", i / 2 * 2 - 2), absl::StrCat("s", i / 2 * 2 - 1)};
  }
  EXPECT_EQ(FaultOf(steps), "");
  const Forecast forecast = ForecastOf(steps, kMonday);
  EXPECT_THAT(forecast.last, Optional(Eq(calendar::WorkingDays::China().AddWorkdays(kMonday, kSteps).day)));
  EXPECT_EQ(forecast.critical.size(), kSteps / 2U);
  EXPECT_EQ(StandingOn(steps, 0).size(), kSteps - 2U);
  EXPECT_THAT(StatesOf(steps), Contains(kOpen).Times(2));
}

// The oracle: walks every way back from `step` that nobody has done, and counts its days one by one.
int LongestWay(const std::vector<PlanStep>& steps, std::size_t step) {
  int longest = 0;
  for (const std::string& key : steps[step].after) {
    const auto before =
        std::find_if(steps.begin(), steps.end(), [&key](const PlanStep& one) { return one.key == key; });
    longest = std::max(longest, LongestWay(steps, static_cast<std::size_t>(before - steps.begin())));
  }
  return longest + (steps[step].state == kSkipped ? 0 : steps[step].workdays);
}

absl::CivilDay CountOneByOne(absl::CivilDay day, int workdays) {
  while (workdays > 0) {
    if (calendar::WorkingDays::China().IsWorkday(++day)) --workdays;
  }
  return day;
}

TEST(ForecastOf, IsThatOfWhoeverWalksEveryWay) {
  std::mt19937 random(20261128);
  const auto up_to = [&random](int most) { return static_cast<int>(random() % static_cast<unsigned>(most + 1)); };
  for (int life = 0; life < 500; ++life) {
    const absl::CivilDay today = kMonday + up_to(200);
    std::vector<PlanStep> steps(static_cast<std::size_t>(1 + up_to(8)));
    for (std::size_t i = 0; i < steps.size(); ++i) {
      steps[i].key = absl::StrCat("s", i);
      steps[i].workdays = 1 + up_to(12);
      if (up_to(5) == 0) steps[i].state = kSkipped;
      for (std::size_t j = 0; j < i; ++j) {
        if (up_to(2) == 0) steps[i].after.push_back(steps[j].key);
      }
    }
    std::shuffle(steps.begin(), steps.end(), random);
    ASSERT_EQ(FaultOf(steps), "");
    const Forecast forecast = ForecastOf(steps, today);
    int longest = 0;
    for (std::size_t i = 0; i < steps.size(); ++i) {
      if (steps[i].state == kSkipped) continue;
      longest = std::max(longest, LongestWay(steps, i));
      EXPECT_EQ(forecast.finish[i], CountOneByOne(today, LongestWay(steps, i)));
    }
    int critical = 0;
    for (const std::size_t i : forecast.critical) critical += steps[i].workdays;
    EXPECT_EQ(critical, longest) << "the critical path is not as long as the plan";
    EXPECT_EQ(forecast.last.has_value(), longest > 0);
  }
}

// Whatever is done, skipped and done again, in whatever order: a plan that is not done has something open, and nothing
// is done before what it waits for.
TEST(StatesOf, APlanGoesOnUntilItIsDone) {
  std::mt19937 random(20261129);
  const auto up_to = [&random](std::size_t most) { return static_cast<std::size_t>(random() % (most + 1)); };
  for (int life = 0; life < 300; ++life) {
    std::vector<PlanStep> steps(1 + up_to(9));
    for (std::size_t i = 0; i < steps.size(); ++i) {
      steps[i].key = absl::StrCat("s", i);
      for (std::size_t j = 0; j < i; ++j) {
        if (up_to(2) == 0) steps[i].after.push_back(steps[j].key);
      }
    }
    for (int move = 0; move < 40; ++move) {
      const std::vector<StepState> states = StatesOf(steps);
      for (std::size_t i = 0; i < steps.size(); ++i) steps[i].state = states[i];
      const bool settled =
          std::all_of(states.begin(), states.end(), [](StepState s) { return s == kDone || s == kSkipped; });
      EXPECT_EQ(std::count(states.begin(), states.end(), kOpen) == 0, settled);
      const std::size_t one = up_to(steps.size() - 1);
      if (steps[one].state == kOpen) {
        steps[one].state = up_to(3) == 0 ? kSkipped : kDone;
      } else if (steps[one].state == kDone && up_to(4) == 0) {
        steps[one].state = kWaiting;
        for (const std::size_t i : StandingOn(steps, one)) {
          if (steps[i].state == kDone) steps[i].state = kWaiting;
        }
      }
      const std::vector<StepState> after = StatesOf(steps);
      for (std::size_t i = 0; i < steps.size(); ++i) {
        for (const std::size_t standing : StandingOn(steps, i)) {
          EXPECT_FALSE(after[standing] == kDone && (after[i] == kOpen || after[i] == kWaiting));
        }
      }
    }
  }
}

}  // namespace
}  // namespace xxt::intake
