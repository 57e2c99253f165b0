#include "services/intake/benefit/coverage_rules.h"

#include "gtest/gtest.h"

namespace xxt::intake::benefit {
namespace {

constexpr CoverageLayer kInsurance = {false, 8000, 0, 0};
constexpr CoverageLayer kAid = {true, 9500, 0, 0};

TEST(Cover, EightyOfAllAndNinetyFiveOfTheRestAreNinetyNine) {
  const Covered before = Cover(1'000'000, {kInsurance});
  EXPECT_EQ(before.rate_bp, 8000);
  EXPECT_EQ(before.own_fen, 200'000);
  const Covered after = Cover(1'000'000, {kInsurance, kAid});
  EXPECT_EQ(after.rate_bp, 9900);
  EXPECT_EQ(after.paid_fen, 990'000);
  EXPECT_EQ(after.own_fen, 10'000);
  ASSERT_EQ(after.shares.size(), 2U);
  EXPECT_EQ(after.shares[1].base_fen, 200'000);
  EXPECT_EQ(after.shares[1].paid_fen, 190'000);
}

TEST(Cover, RoundsEachLayerDownToWholeFen) {
  const Covered covered = Cover(333, {kInsurance, kAid});
  EXPECT_EQ(covered.shares[0].paid_fen, 266);  // of 266.4
  EXPECT_EQ(covered.shares[1].paid_fen, 63);   // of 67: 63.65
  EXPECT_EQ(covered.own_fen, 4);
  EXPECT_EQ(covered.rate_bp, 9879);  // of 9879.87
}

TEST(Cover, PaysNothingBelowTheFloorAndNoMoreThanTheCap) {
  EXPECT_EQ(Cover(1000, {{false, 10'000, 1000, 0}}).paid_fen, 0);
  EXPECT_EQ(Cover(1000, {{false, 10'000, 5000, 0}}).paid_fen, 0);
  EXPECT_EQ(Cover(1000, {{false, 5000, 200, 0}}).paid_fen, 400);
  EXPECT_EQ(Cover(1000, {{false, 5000, 200, 399}}).paid_fen, 399);
}

TEST(Cover, NeverPaysMoreThanTheCost) {
  const Covered covered = Cover(1000, {kInsurance, {false, 9500, 0, 0}, kAid});
  EXPECT_EQ(covered.shares[1].paid_fen, 200);
  EXPECT_EQ(covered.shares[2].base_fen, 0);
  EXPECT_EQ(covered.paid_fen, 1000);
  EXPECT_EQ(covered.rate_bp, kWholeBp);
}

TEST(Cover, HoldsTheMostThatMayBeAsked) {
  const Covered covered = Cover(kMostFen, {{false, kWholeBp, 0, kMostFen}});
  EXPECT_EQ(covered.paid_fen, kMostFen);
  EXPECT_EQ(covered.own_fen, 0);
  EXPECT_EQ(Cover(kMostFen, {{false, kWholeBp, kMostFen, 0}}).paid_fen, 0);
  EXPECT_EQ(Cover(1, {}).own_fen, 1);
}

}  // namespace
}  // namespace xxt::intake::benefit
