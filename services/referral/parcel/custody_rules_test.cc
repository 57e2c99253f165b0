#include "services/referral/parcel/custody_rules.h"

#include <optional>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace xxt::referral {
namespace {

using ::testing::Eq;
using ::testing::Optional;
using enum ParcelDirection;
using enum ParcelHolder;

TEST(MayHandOn, LetsACarrierGiveToAnybodyButACarrier) {
  for (const ParcelDirection direction : {kOut, kIn}) {
    for (const ParcelHolder taker : {kHall, kBody, kPerson}) EXPECT_TRUE(MayHandOn(direction, kCarrier, taker));
    EXPECT_FALSE(MayHandOn(direction, kCarrier, kCarrier));
  }
}

TEST(MayHandOn, LetsTheHallGiveToThePersonAndSendAgainWhatCameBack) {
  EXPECT_TRUE(MayHandOn(kIn, kHall, kPerson));
  EXPECT_TRUE(MayHandOn(kOut, kHall, kCarrier));
  EXPECT_FALSE(MayHandOn(kIn, kHall, kCarrier));
  EXPECT_FALSE(MayHandOn(kOut, kHall, kBody)) << "the carrier brings it there";
}

TEST(MayHandOn, LeavesWithThemWhatABodyOrThePersonHasGot) {
  for (const ParcelHolder giver : {kBody, kPerson}) {
    for (const ParcelHolder taker : {kHall, kCarrier, kBody, kPerson}) EXPECT_FALSE(MayHandOn(kOut, giver, taker));
  }
}

TEST(StateWith, IsArrivedWithWhomItIsForAndReturnedWithWhoSentIt) {
  EXPECT_EQ(StateWith(kOut, kCarrier), ParcelState::kOnTheWay);
  EXPECT_EQ(StateWith(kOut, kBody), ParcelState::kArrived);
  EXPECT_EQ(StateWith(kOut, kHall), ParcelState::kReturned);
  EXPECT_EQ(StateWith(kIn, kHall), ParcelState::kArrived);
  EXPECT_EQ(StateWith(kIn, kPerson), ParcelState::kArrived);
  EXPECT_EQ(StateWith(kIn, kBody), ParcelState::kReturned);
}

TEST(FirstNotHeld, KnowsWhereEachOriginalIsByTheLastThatCarriedIt) {
  const std::vector<Carried> before = {{{"劳动合同", "户口簿"}, kBody}, {{"劳动合同"}, kHall}};
  EXPECT_EQ(FirstNotHeld(before, {"劳动合同", "新材料"}, kHall), std::nullopt);
  EXPECT_THAT(FirstNotHeld(before, {"劳动合同", "户口簿"}, kHall), Optional(Eq(1U)));
  EXPECT_EQ(FirstNotHeld(before, {"户口簿"}, kBody), std::nullopt);
}

TEST(FirstNotHeld, FindsNobodyWithWhatIsLost) {
  const std::vector<Carried> before = {{{"户口簿"}, std::nullopt}};
  for (const ParcelHolder sender : {kHall, kBody})
    EXPECT_THAT(FirstNotHeld(before, {"户口簿"}, sender), Optional(Eq(0U)));
}

TEST(CountUnreturned, CountsWhatWasLentUntilThePersonHasIt) {
  const Carried out = {{"户口簿", "协查函"}, kBody, {"户口簿"}};
  EXPECT_EQ(CountUnreturned({}), 0);
  EXPECT_EQ(CountUnreturned({{{"存档证明"}, kHall}}), 0) << "came from the body";
  EXPECT_EQ(CountUnreturned({out}), 1) << "the letter is the body's to keep";
  EXPECT_EQ(CountUnreturned({out, {{"户口簿", "存档证明"}, kCarrier}}), 1);
  EXPECT_EQ(CountUnreturned({out, {{"户口簿", "存档证明"}, kHall}}), 1) << "the hall is not the person";
  EXPECT_EQ(CountUnreturned({out, {{"户口簿", "存档证明"}, kPerson}}), 0);
  EXPECT_EQ(CountUnreturned({out, {{"户口簿"}, std::nullopt}}), 0) << "lost";
  EXPECT_EQ(CountUnreturned({out, {{"户口簿"}, kPerson}, out}), 1) << "lent once more";
}

}  // namespace
}  // namespace xxt::referral
