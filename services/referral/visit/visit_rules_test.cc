#include "services/referral/visit/visit_rules.h"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace xxt::referral {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using enum VisitLeg;
using enum SafetyCheck;

const absl::Time kNow = absl::FromUnixSeconds(1'790'000'000);
constexpr VisitLeg kLegs[] = {kPickUp, kInTransit, kAtBody, kReturnHome};

std::vector<PlannedLeg> Plan() {
  return {{kPickUp, kNow + absl::Hours(1)},
          {kInTransit, kNow + absl::Hours(1)},
          {kAtBody, kNow + absl::Hours(2)},
          {kReturnHome, kNow + absl::Hours(4)}};
}

// The field of what is wrong; empty: nothing is.
std::string FaultOf(const std::vector<PlannedLeg>& legs, const VisitPolicy& policy = {}) {
  const auto fault = FindPlanFault(legs, policy, kNow);
  return fault.has_value() ? fault->field : "";
}

TEST(FindPlanFault, WantsTheFourLegsInTheirOrder) {
  EXPECT_EQ(FaultOf(Plan()), "");
  EXPECT_EQ(FaultOf({}), "legs");
  for (std::size_t i = 0; i < 4; ++i) {
    std::vector<PlannedLeg> legs = Plan();
    legs.erase(legs.begin() + static_cast<std::ptrdiff_t>(i));
    EXPECT_EQ(FaultOf(legs), "legs");
    legs = Plan();
    legs[i].leg = kLegs[(i + 1) % 4];
    EXPECT_EQ(FaultOf(legs), "legs");
  }
}

TEST(FindPlanFault, NamesTheLegWhoseTimeCannotBe) {
  std::vector<PlannedLeg> legs = Plan();
  legs[0].time = kNow;
  EXPECT_EQ(FaultOf(legs), "legs[0].planned_time");
  legs = Plan();
  legs[2].time = kNow + absl::Minutes(59);
  EXPECT_EQ(FaultOf(legs), "legs[2].planned_time");
  EXPECT_EQ(FaultOf(Plan(), {.longest = absl::Hours(3)}), "");
  EXPECT_EQ(FaultOf(Plan(), {.longest = absl::Hours(2)}), "legs[3].planned_time");
}

TEST(FindPlanFault, TakesNoSlipOfTheYear) {
  for (const absl::Duration ahead : {absl::Hours(24 * 365), absl::Hours(24 * 367)}) {
    std::vector<PlannedLeg> legs = Plan();
    for (PlannedLeg& leg : legs) leg.time += ahead;
    EXPECT_EQ(FaultOf(legs), ahead < absl::Hours(24 * 366) ? "" : "legs[0].planned_time");
  }
}

TEST(MayFollow, LetsOneLegFollowTheOtherAndHomeComeAtAnyTime) {
  for (const VisitLeg next : kLegs) EXPECT_EQ(MayFollow(std::nullopt, next), next == kPickUp);
  for (const VisitLeg last : kLegs) {
    for (const VisitLeg next : kLegs) {
      const bool follows = static_cast<int>(next) == static_cast<int>(last) + 1;
      EXPECT_EQ(MayFollow(last, next), last != kReturnHome && (follows || next == kReturnHome));
    }
  }
}

TEST(StateAfter, IsDoneWithTheReturnHomeAlone) {
  for (const VisitLeg leg : kLegs) {
    EXPECT_EQ(StateAfter(leg), leg == kReturnHome ? VisitState::kDone : VisitState::kUnderWay);
  }
}

TEST(FindUnsafe, CountsTheLastCheckOfEachKind) {
  EXPECT_THAT(FindUnsafe({}), ElementsAre(kHealth, kMobility, kVehicle, kKin));
  std::vector<Checked> checks = {{kHealth, true}, {kMobility, false}, {kVehicle, true}, {kKin, true}};
  EXPECT_THAT(FindUnsafe(checks), ElementsAre(kMobility));
  checks.push_back({kMobility, true});
  EXPECT_THAT(FindUnsafe(checks), IsEmpty());
  checks.push_back({kHealth, false});
  EXPECT_THAT(FindUnsafe(checks), ElementsAre(kHealth));
}

}  // namespace
}  // namespace xxt::referral
