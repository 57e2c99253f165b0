#include "services/referral/chase/basis_rules.h"

#include "gtest/gtest.h"

namespace xxt::referral {
namespace {

TEST(FirstUncovered, NamesTheDatumWhoseKindHasNoBasis) {
  const std::vector<DataKind> covered = {DataKind::kSubjectName};
  EXPECT_EQ(FirstUncovered(covered, {}), std::nullopt);
  EXPECT_EQ(FirstUncovered(covered, {{DataKind::kSubjectName, "a"}}), std::nullopt);
  EXPECT_EQ(FirstUncovered(covered, {{DataKind::kSubjectName, "a"}, {DataKind::kEventDate, "b"}}), 1);
  EXPECT_EQ(FirstUncovered({}, {{DataKind::kSubjectName, "a"}}), 0);
}

TEST(FirstRepeated, NamesTheSecondOfAKind) {
  EXPECT_EQ(FirstRepeated({{DataKind::kSubjectName, "a"}, {DataKind::kEventDate, "b"}}), std::nullopt);
  EXPECT_EQ(FirstRepeated({{DataKind::kSubjectName, "a"}, {DataKind::kEventDate, "b"}, {DataKind::kSubjectName, "c"}}),
            2);
}

}  // namespace
}  // namespace xxt::referral
