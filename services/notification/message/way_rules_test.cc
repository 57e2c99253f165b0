#include "services/notification/message/way_rules.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace xxt::notification {
namespace {

using ::testing::AnyOf;
using ::testing::Contains;
using ::testing::ElementsAre;

constexpr Reachable kAll{.text = true, .email = true, .call = true, .letter = true};

TEST(WaysTo, GoFromTheQuickestToTheSlowest) {
  EXPECT_THAT(WaysTo(kAll, Way::kNone, false), ElementsAre(Way::kText, Way::kEmail, Way::kCall, Way::kLetter));
}

TEST(WaysTo, RingUpBeforeAnEmailThatNobodyMayReadInTime) {
  EXPECT_THAT(WaysTo(kAll, Way::kNone, true), ElementsAre(Way::kText, Way::kCall, Way::kEmail, Way::kLetter));
}

TEST(WaysTo, BeginWithWhatThePersonAskedForIfItLeadsToThem) {
  EXPECT_THAT(WaysTo(kAll, Way::kLetter, false), ElementsAre(Way::kLetter, Way::kText, Way::kEmail, Way::kCall));
  EXPECT_THAT(WaysTo(kAll, Way::kEmail, true), ElementsAre(Way::kEmail, Way::kText, Way::kCall, Way::kLetter));
  EXPECT_THAT(WaysTo({.text = true, .call = true}, Way::kLetter, false), ElementsAre(Way::kText, Way::kCall));
}

TEST(WaysTo, TryWechatAndTheDistrictsSystemBeforeMail) {
  const Reachable online{.wechat = true, .system = true, .email = true, .call = true};
  EXPECT_THAT(WaysTo(online, Way::kNone, true), ElementsAre(Way::kWechat, Way::kSystem, Way::kCall, Way::kEmail));
}

TEST(WaysTo, WhoHasNothingAreTheWindowsOwn) { EXPECT_THAT(WaysTo({}, Way::kNone, false), ElementsAre(Way::kCall)); }

TEST(WaysTo, EndWithAPersonWhateverThereIs) {
  for (int bits = 0; bits < 16; ++bits) {
    const Reachable reach{
        .text = (bits & 1) != 0, .email = (bits & 2) != 0, .call = (bits & 4) != 0, .letter = (bits & 8) != 0};
    for (const Way wanted : {Way::kNone, Way::kText, Way::kEmail, Way::kCall, Way::kLetter}) {
      for (const bool call_first : {false, true}) {
        EXPECT_THAT(WaysTo(reach, wanted, call_first), Contains(AnyOf(Way::kCall, Way::kLetter))) << bits;
      }
    }
  }
}

TEST(NextWay, IsTheFirstThatWasNotTried) {
  const std::vector<Way> ways = WaysTo(kAll, Way::kNone, false);
  EXPECT_EQ(NextWay(ways, {}, false), Way::kText);
  EXPECT_EQ(NextWay(ways, {Way::kText}, false), Way::kEmail);
  EXPECT_EQ(NextWay(ways, {Way::kText, Way::kEmail, Way::kCall}, false), Way::kLetter);
  EXPECT_EQ(NextWay(ways, ways, false), Way::kNone);
}

TEST(NextWay, IsAPersonsWhileATryMayHaveReachedThem) {
  EXPECT_EQ(NextWay(WaysTo(kAll, Way::kNone, false), {Way::kText}, true), Way::kCall);
}

}  // namespace
}  // namespace xxt::notification
