#include "services/intake/acting/life_event_rules.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace xxt::intake {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(FindSuccessors, OffersKinFirstAndNobodyWhoCannotAct) {
  EXPECT_THAT(FindSuccessors({{PartyRole::kApplicant, false},
                              {PartyRole::kSubject, true},
                              {PartyRole::kKin, true},
                              {PartyRole::kKin, false},
                              {PartyRole::kBeneficiary, true}}),
              ElementsAre(2U, 4U, 1U));
}

TEST(FindSuccessors, OffersNoAgent) { EXPECT_THAT(FindSuccessors({{PartyRole::kProxy, true}}), IsEmpty()); }

TEST(Fits, HeirsAfterADeathAndGuardiansWithoutOne) {
  EXPECT_TRUE(Fits(LifeEventKind::kDeath, SuccessionBasis::kHeir));
  EXPECT_TRUE(Fits(LifeEventKind::kDeath, SuccessionBasis::kWill));
  EXPECT_FALSE(Fits(LifeEventKind::kDeath, SuccessionBasis::kGuardian));
  EXPECT_TRUE(Fits(LifeEventKind::kIncapacity, SuccessionBasis::kAgreedGuardian));
  EXPECT_FALSE(Fits(LifeEventKind::kIncapacity, SuccessionBasis::kHeir));
  for (const LifeEventKind kind : {LifeEventKind::kDeath, LifeEventKind::kIncapacity}) {
    EXPECT_TRUE(Fits(kind, OfferedBasis(kind)));
  }
}

TEST(MayRecord, OnceButADeathAfterAnIncapacity) {
  EXPECT_TRUE(MayRecord(LifeEventKind::kDeath, {}));
  EXPECT_TRUE(MayRecord(LifeEventKind::kIncapacity, {}));
  EXPECT_FALSE(MayRecord(LifeEventKind::kIncapacity, {.not_told = true}));
  EXPECT_TRUE(MayRecord(LifeEventKind::kDeath, {.not_told = true}));
  EXPECT_FALSE(MayRecord(LifeEventKind::kDeath, {.not_told = true, .successor_sought = true}));
  EXPECT_FALSE(MayRecord(LifeEventKind::kDeath, {.deceased = true, .not_told = true}));
  EXPECT_FALSE(MayRecord(LifeEventKind::kIncapacity, {.deceased = true}));
}

}  // namespace
}  // namespace xxt::intake
