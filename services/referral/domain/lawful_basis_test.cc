#include "services/referral/domain/lawful_basis.h"

#include "gtest/gtest.h"

namespace xxt::referral {
namespace {

TEST(FirstUncovered, NamesTheDatumWhoseKindHasNoBasis) {
  LawfulBasis basis;
  basis.data_kinds = {DataKind::kSubjectName};
  EXPECT_EQ(FirstUncovered(basis, {}), std::nullopt);
  EXPECT_EQ(FirstUncovered(basis, {{DataKind::kSubjectName, "a"}}), std::nullopt);
  EXPECT_EQ(FirstUncovered(basis, {{DataKind::kSubjectName, "a"}, {DataKind::kEventDate, "b"}}), 1);
  EXPECT_EQ(FirstUncovered({}, {{DataKind::kSubjectName, "a"}}), 0);
}

TEST(FirstRepeated, NamesTheSecondOfAKind) {
  EXPECT_EQ(FirstRepeated({{DataKind::kSubjectName, "a"}, {DataKind::kEventDate, "b"}}), std::nullopt);
  EXPECT_EQ(FirstRepeated({{DataKind::kSubjectName, "a"}, {DataKind::kEventDate, "b"}, {DataKind::kSubjectName, "c"}}),
            2);
}

TEST(Names, LeadThereAndBack) {
  for (std::size_t i = 0; i < kNames<DataKind>.size(); ++i) {
    EXPECT_EQ(FromName<DataKind>(NameOf(static_cast<DataKind>(i))), static_cast<DataKind>(i));
  }
  EXPECT_EQ(FromName<DataKind>("SHOE_SIZE"), std::nullopt);
}

}  // namespace
}  // namespace xxt::referral
