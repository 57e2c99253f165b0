#include "services/notification/message/delivery_rules.h"

#include "absl/time/clock.h"
#include "gtest/gtest.h"

namespace xxt::notification {
namespace {

constexpr DeliveryState kStates[] = {DeliveryState::kCreated, DeliveryState::kSending,   DeliveryState::kAccepted,
                                     DeliveryState::kInDoubt, DeliveryState::kDelivered, DeliveryState::kFailed};

TEST(Join, ClimbsTheLatticeInOrder) {
  EXPECT_EQ(Join(DeliveryState::kCreated, DeliveryState::kSending).state, DeliveryState::kSending);
  EXPECT_EQ(Join(DeliveryState::kSending, DeliveryState::kAccepted).state, DeliveryState::kAccepted);
  EXPECT_EQ(Join(DeliveryState::kAccepted, DeliveryState::kDelivered).state, DeliveryState::kDelivered);
  EXPECT_EQ(Join(DeliveryState::kAccepted, DeliveryState::kFailed).state, DeliveryState::kFailed);
}

TEST(Join, TakesAReceiptThatComesBeforeOurOwnCommit) {
  EXPECT_EQ(Join(DeliveryState::kSending, DeliveryState::kDelivered).state, DeliveryState::kDelivered);
  EXPECT_EQ(Join(DeliveryState::kCreated, DeliveryState::kFailed).state, DeliveryState::kFailed);
}

TEST(Join, NeverGoesBack) {
  EXPECT_EQ(Join(DeliveryState::kAccepted, DeliveryState::kSending).state, DeliveryState::kAccepted);
  for (const DeliveryState terminal : {DeliveryState::kDelivered, DeliveryState::kFailed}) {
    for (const DeliveryState news : kStates) {
      if (news == DeliveryState::kDelivered) continue;
      EXPECT_EQ(Join(terminal, news).state, terminal) << static_cast<int>(news);
      EXPECT_FALSE(Join(terminal, news).changed);
    }
  }
}

TEST(Join, BelievesThatItArrivedEvenAfterAFailure) {
  const Advance advance = Join(DeliveryState::kFailed, DeliveryState::kDelivered);
  EXPECT_EQ(advance.state, DeliveryState::kDelivered);
  EXPECT_TRUE(advance.changed);
}

TEST(Join, ReportsAContradictionOfTerminals) {
  EXPECT_TRUE(Join(DeliveryState::kDelivered, DeliveryState::kFailed).contradiction);
  EXPECT_TRUE(Join(DeliveryState::kFailed, DeliveryState::kDelivered).contradiction);
  EXPECT_FALSE(Join(DeliveryState::kDelivered, DeliveryState::kDelivered).contradiction);
  EXPECT_FALSE(Join(DeliveryState::kDelivered, DeliveryState::kAccepted).contradiction);
}

TEST(Join, LeavesDoubtForATerminalOnly) {
  EXPECT_EQ(Join(DeliveryState::kSending, DeliveryState::kInDoubt).state, DeliveryState::kInDoubt);
  EXPECT_EQ(Join(DeliveryState::kInDoubt, DeliveryState::kDelivered).state, DeliveryState::kDelivered);
  EXPECT_EQ(Join(DeliveryState::kInDoubt, DeliveryState::kFailed).state, DeliveryState::kFailed);
  for (const DeliveryState news : {DeliveryState::kCreated, DeliveryState::kSending, DeliveryState::kAccepted}) {
    EXPECT_EQ(Join(DeliveryState::kInDoubt, news).state, DeliveryState::kInDoubt);
  }
  EXPECT_EQ(Join(DeliveryState::kAccepted, DeliveryState::kInDoubt).state, DeliveryState::kAccepted);
  EXPECT_EQ(Join(DeliveryState::kCreated, DeliveryState::kInDoubt).state, DeliveryState::kCreated);
}

TEST(Join, SaysWhetherAnythingChangedAndIsIdempotent) {
  for (const DeliveryState current : kStates) {
    for (const DeliveryState news : kStates) {
      const Advance once = Join(current, news);
      EXPECT_EQ(once.changed, once.state != current);
      EXPECT_FALSE(Join(once.state, news).changed);
    }
  }
}

TEST(Join, LeavesWhatANewerVersionWroteForTheEndOnly) {
  constexpr auto kOfNewer = static_cast<DeliveryState>(99);
  for (const DeliveryState news : kStates) {
    EXPECT_EQ(Join(kOfNewer, news).state, IsTerminal(news) ? news : kOfNewer) << static_cast<int>(news);
  }
  EXPECT_EQ(StepAfter(kOfNewer, true, absl::InfinitePast(), absl::Now()), NextStep::kWait);
}

const absl::Time kDue = absl::FromUnixSeconds(1'770'000'000);
constexpr absl::Duration kMoment = absl::Nanoseconds(1);

TEST(StepAfter, WaitsWhileTheTextIsOnItsWay) {
  for (const bool gives_receipts : {false, true}) {
    EXPECT_EQ(StepAfter(DeliveryState::kCreated, gives_receipts, kDue, kDue), NextStep::kWait);
    EXPECT_EQ(StepAfter(DeliveryState::kSending, gives_receipts, kDue, kDue), NextStep::kWait);
  }
}

TEST(StepAfter, WaitsForAReceiptAndShowsTheDoubtFromTheMomentThatItIsOverdue) {
  EXPECT_EQ(StepAfter(DeliveryState::kAccepted, true, kDue, kDue - kMoment), NextStep::kAwaitReceipt);
  EXPECT_EQ(StepAfter(DeliveryState::kAccepted, true, kDue, kDue), NextStep::kShowDoubt);
}

TEST(StepAfter, IsDoneWhenAcceptedByAGatewayThatGivesNoReceipts) {
  EXPECT_EQ(StepAfter(DeliveryState::kAccepted, false, kDue, kDue - kMoment), NextStep::kDone);
  EXPECT_EQ(StepAfter(DeliveryState::kAccepted, false, kDue, kDue + kMoment), NextStep::kDone);
}

TEST(StepAfter, IsDoneOnceItArrivedAndAlwaysAPersonsOtherwise) {
  for (const bool gives_receipts : {false, true}) {
    for (const absl::Time now : {kDue - kMoment, kDue, kDue + absl::Hours(1000)}) {
      EXPECT_EQ(StepAfter(DeliveryState::kDelivered, gives_receipts, kDue, now), NextStep::kDone);
      EXPECT_EQ(StepAfter(DeliveryState::kInDoubt, gives_receipts, kDue, now), NextStep::kShowDoubt)
          << "it is never sent again by itself";
      EXPECT_EQ(StepAfter(DeliveryState::kFailed, gives_receipts, kDue, now), NextStep::kGoOn);
    }
  }
}

}  // namespace
}  // namespace xxt::notification
