#include "services/referral/search/search_rules.h"

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace xxt::referral {
namespace {

using ::testing::ElementsAre;
using ::testing::Eq;
using ::testing::Field;
using ::testing::IsEmpty;
using ::testing::Lt;
using ::testing::Optional;
using enum CandidateState;

TEST(IsSameTitle, DoesNotTellSpacesApart) {
  EXPECT_TRUE(IsSameTitle("存档 证明", "存档　证明 "));
  EXPECT_FALSE(IsSameTitle("存档证明", "存档证明书"));
}

TEST(DecideMove, AsksThoseWhoWaitInTheirOrderAsManyAtATimeAsWasSaid) {
  EXPECT_THAT(DecideMove({kNotHeld, kWaiting, kWaiting}, 1).ask, Optional(Eq(1U)));
  EXPECT_THAT(DecideMove({kAsked, kWaiting}, 2).ask, Optional(Eq(1U)));
  EXPECT_FALSE(DecideMove({kAsked, kWaiting}, 1).ask.has_value());
  EXPECT_EQ(DecideMove({kAsked, kWaiting}, 1).state, SearchState::kRunning);
}

TEST(DecideMove, TakesNoNumberForOneAtATime) {
  EXPECT_THAT(DecideMove({kWaiting}, 0).ask, Optional(Eq(0U)));
  EXPECT_FALSE(DecideMove({kAsked, kWaiting}, 0).ask.has_value());
}

TEST(DecideMove, StopsTheOthersOnceOneHasIt) {
  const SearchMove move = DecideMove({kAsked, kHeld, kAsked, kWaiting}, 3);
  EXPECT_EQ(move.state, SearchState::kFound);
  EXPECT_THAT(move.stop, ElementsAre(0U, 2U));
  EXPECT_FALSE(move.ask.has_value());
}

TEST(DecideMove, GoesBackToTheWindowWhenNobodyIsLeft) {
  EXPECT_EQ(DecideMove({}, 1).state, SearchState::kWithWindow);
  EXPECT_EQ(DecideMove({kNotHeld, kNoHelp, kExcluded, kStopped}, 1).state, SearchState::kWithWindow);
  EXPECT_EQ(DecideMove({kNotHeld, kAsked}, 1).state, SearchState::kRunning);
}

// Whatever bodies say, and in whatever order: nobody is asked beyond what was said or after one has it, and the
// end is reached by as many steps as there are candidates.
TEST(DecideMove, EndsWithAHolderOrWithEverybodyAskedWhateverTheySay) {
  std::mt19937 random(20261127);
  const auto upTo = [&random](int most) { return static_cast<int>(random() % static_cast<unsigned>(most + 1)); };
  for (int life = 0; life < 2000; ++life) {
    std::vector<CandidateState> states(static_cast<std::size_t>(upTo(8)), kWaiting);
    const int parallel = 1 + upTo(3);
    for (int step = 0;; ++step) {
      ASSERT_LE(step, 40);
      const SearchMove move = DecideMove(states, parallel);
      for (const std::size_t i : move.stop) states[i] = kStopped;
      if (move.ask.has_value()) {
        ASSERT_EQ(states[*move.ask], kWaiting);
        states[*move.ask] = kAsked;
        ASSERT_LE(std::count(states.begin(), states.end(), kAsked), parallel);
        continue;
      }
      if (move.state != SearchState::kRunning) {
        EXPECT_EQ(std::count(states.begin(), states.end(), kAsked), 0);
        const bool held = std::count(states.begin(), states.end(), kHeld) > 0;
        EXPECT_EQ(move.state, held ? SearchState::kFound : SearchState::kWithWindow);
        EXPECT_TRUE(held || std::count(states.begin(), states.end(), kWaiting) == 0);
        break;
      }
      std::vector<std::size_t> asked;
      for (std::size_t i = 0; i < states.size(); ++i) {
        if (states[i] == kAsked) asked.push_back(i);
      }
      ASSERT_FALSE(asked.empty()) << "it runs, and nobody is asked";
      states[asked[static_cast<std::size_t>(upTo(static_cast<int>(asked.size()) - 1))]] =
          std::vector{kHeld, kNotHeld, kNotHeld, kNoHelp, kExcluded}[static_cast<std::size_t>(upTo(4))];
    }
  }
}

TEST(Rank, PutsWhatWasAnsweredBeforeWhatIsThought) {
  std::vector<Prospect> prospects = {{.body = "bodies/named"},
                                     {.body = "bodies/listed", .listed = true},
                                     {.body = "bodies/proven", .asked = 20, .held = 19, .median_workdays = 3},
                                     {.body = "bodies/never", .listed = true, .asked = 20},
                                     {.body = "bodies/hinted", .hinted = true}};
  Rank(&prospects);
  const auto called = [](const char* name) { return Field(&Prospect::body, name); };
  EXPECT_THAT(prospects, ElementsAre(called("bodies/proven"), called("bodies/hinted"), called("bodies/listed"),
                                     called("bodies/named"), called("bodies/never")));
}

TEST(Rank, AsksWhoAnswersSoonerOfEquals) {
  std::vector<Prospect> prospects = {{.body = "bodies/a", .asked = 3, .held = 3, .median_workdays = 9},
                                     {.body = "bodies/b", .asked = 3, .held = 3, .median_workdays = 2}};
  Rank(&prospects);
  EXPECT_EQ(prospects.front().body, "bodies/b");
}

TEST(ChanceOf, StaysWithinBasisPointsAndFallsWithEachNo) {
  EXPECT_LE(ChanceOf({.hinted = true, .asked = 1000, .held = 1000}), 10000);
  EXPECT_GT(ChanceOf({.asked = 1000}), 0);
  EXPECT_THAT(ChanceOf({.listed = true, .asked = 2}), Lt(ChanceOf({.listed = true, .asked = 1})));
}

TEST(GroundsOf, SaysInWordsWhatIsKnown) {
  EXPECT_EQ(GroundsOf({.hinted = true, .listed = true, .asked = 3, .held = 2, .median_workdays = 4}),
            "有线索；名录登记保存该材料；问过3次，2次在该处，一般4个工作日答复");
  EXPECT_THAT(GroundsOf({}), IsEmpty());
}

}  // namespace
}  // namespace xxt::referral
