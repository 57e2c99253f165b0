#include "services/intake/benefit/catalogue_rules.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace xxt::intake::benefit {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr absl::CivilDay kFirst(2026, 1, 1);
constexpr absl::CivilDay kLast(2026, 12, 31);

RuleFacts Rule(absl::CivilDay from, absl::CivilDay to, const std::vector<int>& kinds = {1},
               const std::vector<std::string>& excludes = {}) {
  return {from, to, kinds, excludes};
}

std::vector<std::string> FaultsOf(const std::vector<RuleFacts>& rules) {
  std::vector<std::string> fields;
  for (const errors::Violation& fault : FindRuleFaults("benefits/a", rules)) fields.push_back(fault.field);
  return fields;
}

TEST(FindRuleFaults, TimesFollowEachOther) {
  EXPECT_THAT(FaultsOf({Rule(kFirst, kFirst), Rule(kFirst + 1, absl::CivilDay::max())}), IsEmpty());
  EXPECT_THAT(FaultsOf({Rule(kLast, kFirst)}), ElementsAre("benefit.rules[0].valid_to"));
  EXPECT_THAT(FaultsOf({Rule(kFirst, kLast), Rule(kLast, kLast)}), ElementsAre("benefit.rules[1].valid_from"));
  EXPECT_THAT(FaultsOf({Rule(kFirst, absl::CivilDay::max()), Rule(kLast, kLast)}),
              ElementsAre("benefit.rules[1].valid_from"));
}

TEST(FindRuleFaults, AKindIsTestedOnceAndNothingExcludesItself) {
  EXPECT_THAT(FaultsOf({Rule(kFirst, kLast, {3, 4, 3})}), ElementsAre("benefit.rules[0].tests[2].kind"));
  EXPECT_THAT(FaultsOf({Rule(kFirst, kLast, {1}, {"benefits/b", "benefits/a", "benefits/b"})}),
              ElementsAre("benefit.rules[0].excludes[1]", "benefit.rules[0].excludes[2]"));
}

TEST(HoldsOn, TheFirstDayAndTheLast) {
  EXPECT_TRUE(HoldsOn(kFirst, kLast, kFirst) && HoldsOn(kFirst, kLast, kLast));
  EXPECT_FALSE(HoldsOn(kFirst, kLast, kFirst - 1) || HoldsOn(kFirst, kLast, kLast + 1));
}

}  // namespace
}  // namespace xxt::intake::benefit
