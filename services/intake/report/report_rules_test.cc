#include "services/intake/report/report_rules.h"

#include "gmock/gmock.h"

namespace xxt::intake::report {
namespace {

using ::testing::Eq;
using ::testing::Optional;

TEST(RateOf, IsRoundedDownSoThatOnlyAllAreAllAndIsNoneOfNothing) {
  EXPECT_THAT(RateOf(20, 21), Optional(9523));
  EXPECT_THAT(RateOf(2, 3), Optional(6666));
  EXPECT_THAT(RateOf(99'999, 100'000), Optional(9999));
  EXPECT_THAT(RateOf(7, 7), Optional(10'000));
  EXPECT_THAT(RateOf(0, 7), Optional(0));
  EXPECT_THAT(RateOf(0, 0), Eq(std::nullopt));
}

TEST(FindPeriodFault, WantsOneDayAtLeastAndAQuarterAtTheMost) {
  const absl::CivilDay first(2026, 7, 1);
  EXPECT_FALSE(FindPeriodFault(first, first + 1).has_value());
  EXPECT_FALSE(FindPeriodFault(first, absl::CivilDay(2026, 10, 1)).has_value());
  EXPECT_TRUE(FindPeriodFault(first, absl::CivilDay(2026, 10, 2)).has_value());
  EXPECT_TRUE(FindPeriodFault(first, first).has_value());
  EXPECT_TRUE(FindPeriodFault(first, first - 1).has_value());
}

TEST(Fold, LeavesNoGroupThatMightTellOfAPerson) {
  std::vector<Cause> causes = {{"丧葬费申领", 1, 9}, {"病退", 5, 5}, {"病退", 6, 4}, {"转移档案", 2, 1}};
  EXPECT_EQ(Fold(21, causes), 7);  // 4 and 1, and 2 that are not among them
  ASSERT_EQ(causes.size(), 2U);
  EXPECT_EQ(causes[1].difficulty, 5);
  std::vector<Cause> few = {{"病退", 6, 4}};
  EXPECT_EQ(Fold(4, few), 4);
  EXPECT_TRUE(few.empty());
}

}  // namespace
}  // namespace xxt::intake::report
