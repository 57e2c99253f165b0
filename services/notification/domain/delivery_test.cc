#include "services/notification/domain/delivery.h"

#include <vector>

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
      EXPECT_EQ(Join(terminal, news).state, terminal) << NameOf(news);
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

const absl::Time kNow = absl::FromUnixSeconds(1'770'000'000);

Attempt Failed(Channel channel, FailureKind kind, absl::Duration ago = absl::ZeroDuration()) {
  return {channel, DeliveryState::kFailed, kind, kNow - ago};
}

Attempt In(DeliveryState state, absl::Duration ago = absl::ZeroDuration(), Channel channel = Channel::kSms) {
  return {channel, state, FailureKind::kNone, kNow - ago};
}

class NextStepTest : public ::testing::Test {
 protected:
  Step Next(const std::vector<Attempt>& history, double jitter = 0.5) {
    return NextStep(history, channels_, policy_, kNow, jitter);
  }

  std::vector<ChannelPlan> channels_ = {{Channel::kSms}, {Channel::kEmail}, {Channel::kVoiceCall}};
  DeliveryPolicy policy_;
};

TEST_F(NextStepTest, StartsWithTheFirstChoiceAtOnce) { EXPECT_EQ(Next({}), Step(Send{Channel::kSms, kNow})); }

TEST_F(NextStepTest, TriesATemporaryFailureAgainAfterABackoff) {
  EXPECT_EQ(Next({Failed(Channel::kSms, FailureKind::kTemporary)}),
            Step(Send{Channel::kSms, kNow + absl::Milliseconds(2500)}));
  EXPECT_EQ(Next({Failed(Channel::kSms, FailureKind::kTemporary), Failed(Channel::kSms, FailureKind::kTemporary)}),
            Step(Send{Channel::kSms, kNow + absl::Seconds(5)}));
}

TEST_F(NextStepTest, SendsAtOnceWhenTheBackoffIsOver) {
  EXPECT_EQ(Next({Failed(Channel::kSms, FailureKind::kTemporary, absl::Hours(1))}), Step(Send{Channel::kSms, kNow}));
}

TEST_F(NextStepTest, GoesToTheNextChannelWhenTheTriesAreSpent) {
  policy_.attempts_per_channel = 2;
  const Attempt failed = Failed(Channel::kSms, FailureKind::kTemporary);
  EXPECT_EQ(Next({failed, failed}), Step(Send{Channel::kEmail, kNow}));
}

TEST_F(NextStepTest, GoesToTheNextChannelAtOnceForABadAddressOrOurOwnFault) {
  for (const FailureKind kind : {FailureKind::kPermanent, FailureKind::kTechnical}) {
    EXPECT_EQ(Next({Failed(Channel::kSms, kind)}), Step(Send{Channel::kEmail, kNow}));
  }
}

TEST_F(NextStepTest, AsksAPersonToCallWhenNoChannelIsLeft) {
  const std::vector<Attempt> history = {Failed(Channel::kSms, FailureKind::kPermanent),
                                        Failed(Channel::kEmail, FailureKind::kPermanent)};
  EXPECT_EQ(Next(history), Step(AskPersonToCall{}));
  channels_.pop_back();
  EXPECT_EQ(Next(history), Step(AskPersonToCall{}));
  channels_.clear();
  EXPECT_EQ(Next({}), Step(AskPersonToCall{}));
}

TEST_F(NextStepTest, AsksAPersonFirstForWhoeverCannotReadTexts) {
  channels_ = {{Channel::kVoiceCall}, {Channel::kSms}};
  EXPECT_EQ(Next({}), Step(AskPersonToCall{}));
  channels_ = {{Channel::kLetter}};
  EXPECT_EQ(Next({}), Step(AskPersonToCall{}));
}

TEST_F(NextStepTest, IsDoneOnceAnyDeliveryArrived) {
  EXPECT_EQ(Next({In(DeliveryState::kDelivered)}), Step(Done{}));
  EXPECT_EQ(Next({In(DeliveryState::kDelivered), Failed(Channel::kEmail, FailureKind::kPermanent)}), Step(Done{}));
}

TEST_F(NextStepTest, NeverResendsWhatIsInDoubt) {
  EXPECT_EQ(Next({In(DeliveryState::kInDoubt, absl::Hours(1000))}), Step(ShowInDoubt{}));
  EXPECT_EQ(Next({In(DeliveryState::kInDoubt), Failed(Channel::kEmail, FailureKind::kTemporary)}), Step(ShowInDoubt{}));
  policy_.expire_time = kNow;
  EXPECT_EQ(Next({In(DeliveryState::kInDoubt)}), Step(ShowInDoubt{}));
}

TEST_F(NextStepTest, WaitsWhileADeliveryIsOnItsWay) {
  EXPECT_EQ(Next({In(DeliveryState::kCreated)}), Step(WaitForNews{absl::InfiniteFuture()}));
  EXPECT_EQ(Next({In(DeliveryState::kSending)}), Step(WaitForNews{absl::InfiniteFuture()}));
  EXPECT_EQ(Next({Failed(Channel::kSms, FailureKind::kPermanent),
                  In(DeliveryState::kSending, absl::ZeroDuration(), Channel::kEmail)}),
            Step(WaitForNews{absl::InfiniteFuture()}));
}

TEST_F(NextStepTest, WaitsForAReceiptAndThenShowsTheDoubt) {
  EXPECT_EQ(Next({In(DeliveryState::kAccepted, absl::Hours(1))}), Step(WaitForNews{kNow + absl::Hours(71)}));
  EXPECT_EQ(Next({In(DeliveryState::kAccepted, absl::Hours(72))}), Step(ShowInDoubt{}));
}

TEST_F(NextStepTest, IsDoneWhenAcceptedByAChannelWithoutReceipts) {
  channels_ = {{Channel::kEmail, false, false}};
  EXPECT_EQ(Next({In(DeliveryState::kAccepted, absl::ZeroDuration(), Channel::kEmail)}), Step(Done{}));
}

TEST_F(NextStepTest, HoldsAMessageWhileItsChannelIsPaused) {
  channels_[0].paused = true;
  EXPECT_EQ(Next({}), Step(WaitForChannel{Channel::kSms}));
  EXPECT_EQ(Next({Failed(Channel::kSms, FailureKind::kPermanent)}), Step(Send{Channel::kEmail, kNow}));
  policy_.expire_time = kNow;
  EXPECT_EQ(Next({}), Step(AskPersonToCall{}));
}

TEST_F(NextStepTest, AsksAPersonOnceTheMessageExpiresOrWouldBeforeTheNextTry) {
  policy_.expire_time = kNow + absl::Seconds(1);
  EXPECT_EQ(Next({Failed(Channel::kSms, FailureKind::kTemporary)}), Step(AskPersonToCall{}));
  EXPECT_EQ(Next({}), Step(Send{Channel::kSms, kNow}));
  policy_.expire_time = kNow;
  EXPECT_EQ(Next({}), Step(AskPersonToCall{}));
}

TEST(Backoff, DoublesUpToTheCapWithFullJitter) {
  const DeliveryPolicy policy;
  EXPECT_EQ(Backoff(policy, 1, 0.0), absl::ZeroDuration());
  EXPECT_EQ(Backoff(policy, 1, 0.5), absl::Milliseconds(2500));
  EXPECT_EQ(Backoff(policy, 3, 0.5), absl::Seconds(10));
  EXPECT_EQ(Backoff(policy, 13, 0.5), absl::Seconds(5 * 4096 / 2));
  EXPECT_EQ(Backoff(policy, 14, 0.5), absl::Hours(3));  // 5 s * 2^13 is more than 6 h
  EXPECT_EQ(Backoff(policy, 1'000'000'000, 0.5), absl::Hours(3));
}

}  // namespace
}  // namespace xxt::notification
