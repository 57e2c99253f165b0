#include "services/referral/body/contact_rules.h"

#include "gtest/gtest.h"

namespace xxt::referral {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'790'000'000);
const absl::Duration kYear = absl::Hours(365 * 24);

TEST(IsStale, OnceNobodyHasVerifiedItForLongerThanTheYear) {
  EXPECT_FALSE(IsStale({}, kNow - kYear, std::nullopt, kNow));
  EXPECT_TRUE(IsStale({}, kNow - kYear - absl::Seconds(1), std::nullopt, kNow));
  EXPECT_TRUE(IsStale({absl::Hours(1)}, kNow - absl::Hours(2), std::nullopt, kNow));
}

TEST(IsStale, CountsFromTheEntryWhatNobodyEverVerifiedAndNothingElse) {
  EXPECT_TRUE(IsStale({}, std::nullopt, kNow - 2 * kYear, kNow));
  EXPECT_FALSE(IsStale({}, kNow, kNow - 2 * kYear, kNow));
  EXPECT_FALSE(IsStale({}, std::nullopt, std::nullopt, kNow));
}

}  // namespace
}  // namespace xxt::referral
