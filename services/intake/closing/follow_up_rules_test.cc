#include "services/intake/closing/follow_up_rules.h"

#include <gtest/gtest.h>

#include <string>

namespace xxt::intake {
namespace {

const absl::Time kClosed = absl::FromUnixSeconds(1'800'000'000);
constexpr absl::CivilDay kDay(2026, 3, 6);

std::string FaultOf(const ContactFact& contact, bool reached) {
  const auto fault = FindContactFault(contact, kClosed, reached, "contact");
  return fault.has_value() ? fault->en : "";
}

TEST(FollowUpRules, ACallShowsThePersonReachedOrTriedSinceTheClosing) {
  const absl::Time after = kClosed + absl::Hours(1);
  EXPECT_EQ(FaultOf({after, true, true, true, true}, true), "");
  EXPECT_EQ(FaultOf({after, true, true, false, false}, false), "");
  EXPECT_EQ(FaultOf({after, true, true, false, false}, true), "nobody was spoken with in it");
  EXPECT_EQ(FaultOf({after, true, true, true, false}, true), "nobody was spoken with in it") << "a message arrived";
  EXPECT_EQ(FaultOf({after, true, true, true, true}, false), "somebody was reached in it");
  EXPECT_EQ(FaultOf({after, false, false, true, true}, true), "must be with the applicant or kin");
  EXPECT_EQ(FaultOf({kClosed - absl::Seconds(1), true, true, true, true}, true), "happened before what it is to show");
}

TEST(FollowUpRules, WhoIsNotSatisfiedAndWhatNobodyKnowsIsLookedAt) {
  EXPECT_FALSE(IsBad(Rating::kVerySatisfied));
  EXPECT_FALSE(IsBad(Rating::kFair));
  EXPECT_TRUE(IsBad(Rating::kDissatisfied));
  EXPECT_TRUE(IsBad(static_cast<Rating>(6)));
}

TEST(FollowUpRules, TheWindowOfADisputeIsTheDistricts) {
  Policy policy;
  policy.dispute_days = 60;
  EXPECT_EQ(LastDayToDispute(policy, kDay), absl::CivilDay(2026, 5, 5));
}

}  // namespace
}  // namespace xxt::intake
