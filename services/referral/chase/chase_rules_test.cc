#include "services/referral/chase/chase_rules.h"

#include <string>
#include <vector>

#include "common/calendar/shanghai_time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace xxt::referral {
namespace {

using calendar::AtTimeOfDay;
using calendar::OpeningHours;
using calendar::WorkingDays;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

using Kind = BodyReplied::Kind;

absl::Time On(int day, int hour, int minute = 0) { return AtTimeOfDay(absl::CivilDay(2026, 3, day), hour, minute); }

class ChaseTest : public ::testing::Test {
 protected:
  absl::StatusOr<Decision> Try(const Chase& chase, const Event& event, absl::Time now) {
    return Apply(chase, event, policy_, hours_, now);
  }
  Decision Do(const Chase& chase, const Event& event, absl::Time now) {
    absl::StatusOr<Decision> decision = Try(chase, event, now);
    EXPECT_TRUE(decision.ok()) << decision.status();
    return decision.ok() ? *decision : Decision{};
  }
  // A referral sent on Monday at ten.
  Chase SentOnMonday() { return Do(StartChase(policy_, hours_, On(2, 9)), Sent{}, On(2, 10)).next; }
  // Lets the silence run out until a person is asked.
  Chase WithAPerson() {
    Chase chase = SentOnMonday();
    while (!chase.person_asked) chase = Do(chase, SilenceElapsed{}, *chase.next_action_time).next;
    return chase;
  }
  Decision Reply(const Chase& chase, Kind kind, const std::string& reason = "因由") {
    return Do(chase, BodyReplied{kind, reason, std::nullopt}, On(3, 11));
  }

  ChasePolicy policy_;
  OpeningHours hours_ = OpeningHours::Parse("Mon-Fri 09:00-12:00,13:30-17:00", WorkingDays::China()).value();
};

TEST_F(ChaseTest, AnUnsentReferralIsShownToAPersonInTime) {
  const Chase queued = StartChase(policy_, hours_, On(2, 10));
  EXPECT_EQ(queued.state, ChaseState::kQueued);
  ASSERT_EQ(queued.next_action_time, On(3, 10));
  const Decision late = Do(queued, SilenceElapsed{}, On(3, 10));
  EXPECT_THAT(late.effects, ElementsAre(Effect(AskPersonToDecide{})));
  EXPECT_EQ(late.next.state, ChaseState::kQueued);
  EXPECT_EQ(late.next.next_action_time, On(4, 10));
}

TEST_F(ChaseTest, SendingStartsTheSilenceOfTwoWorkingDays) {
  const Chase sent = SentOnMonday();
  EXPECT_EQ(sent.state, ChaseState::kSent);
  EXPECT_EQ(sent.sent_time, On(2, 10));
  EXPECT_EQ(sent.next_action_time, On(4, 10));
}

TEST_F(ChaseTest, RemindersFallIntoTheBodysOpeningHours) {
  const Chase sent = Do(StartChase(policy_, hours_, On(2, 9)), Sent{}, On(5, 20)).next;  // Thursday evening
  EXPECT_EQ(sent.next_action_time, On(10, 9));  // Monday 20:00 is Tuesday 09:00
}

TEST_F(ChaseTest, RemindsTwiceAndThenHandsOverToAPerson) {
  Chase chase = SentOnMonday();
  const Decision first = Do(chase, SilenceElapsed{}, On(4, 10));
  EXPECT_THAT(first.effects, ElementsAre(Effect(RemindBody{1})));
  EXPECT_EQ(first.next.next_action_time, On(6, 10));
  const Decision second = Do(first.next, SilenceElapsed{}, On(6, 10));
  EXPECT_THAT(second.effects, ElementsAre(Effect(RemindBody{2})));
  EXPECT_EQ(second.next.next_action_time, On(10, 10));
  const Decision third = Do(second.next, SilenceElapsed{}, On(10, 10));
  EXPECT_THAT(third.effects, ElementsAre(Effect(AskPersonToDecide{})));
  EXPECT_TRUE(third.next.person_asked);
  EXPECT_EQ(third.next.state, ChaseState::kSent);
}

TEST_F(ChaseTest, AsksThePersonAgainAndNeverClosesByTimer) {
  Chase chase = WithAPerson();
  for (int i = 0; i < 20; ++i) {
    const Decision again = Do(chase, SilenceElapsed{}, *chase.next_action_time);
    EXPECT_THAT(again.effects, ElementsAre(Effect(AskPersonToDecide{})));
    EXPECT_EQ(again.next.state, ChaseState::kSent);
    EXPECT_GT(*again.next.next_action_time, *chase.next_action_time);
    chase = again.next;
  }
}

TEST_F(ChaseTest, ATimerThatFiresEarlyChangesNothing) {
  const Chase sent = SentOnMonday();
  const Decision early = Do(sent, SilenceElapsed{}, On(4, 10) - absl::Seconds(1));
  EXPECT_THAT(early.effects, IsEmpty());
  EXPECT_EQ(early.next.next_action_time, sent.next_action_time);
  EXPECT_EQ(early.next.reminders_sent, 0);
}

TEST_F(ChaseTest, AWordOfTheBodyStartsTheSilenceAnew) {
  const Chase reminded = Do(SentOnMonday(), SilenceElapsed{}, On(4, 10)).next;
  const Decision accepted = Do(reminded, BodyReplied{}, On(4, 15));
  EXPECT_EQ(accepted.next.state, ChaseState::kAccepted);
  EXPECT_EQ(accepted.next.reminders_sent, 0);
  EXPECT_EQ(accepted.next.next_action_time, On(6, 15));
  EXPECT_THAT(accepted.effects, IsEmpty());
}

TEST_F(ChaseTest, WaitsForTheDayTheBodyNamed) {
  const BodyReplied reply{Kind::kAcknowledged, "", On(14, 10)};  // a Saturday
  EXPECT_EQ(Do(SentOnMonday(), reply, On(3, 11)).next.next_action_time, On(16, 9));
}

TEST_F(ChaseTest, DoesNotBelieveADayThatIsPastOrTooFar) {
  EXPECT_EQ(Do(SentOnMonday(), BodyReplied{Kind::kAcknowledged, "", On(1, 10)}, On(3, 11)).next.next_action_time,
            On(5, 11));
  const BodyReplied never{Kind::kAcknowledged, "", absl::InfiniteFuture()};
  EXPECT_LT(*Do(SentOnMonday(), never, On(3, 11)).next.next_action_time, On(3, 11) + absl::Hours(24 * 70));
}

TEST_F(ChaseTest, AHopInsideTheBodyIsAWordOfWork) {
  const Decision hop = Reply(SentOnMonday(), Kind::kPassedOn);
  EXPECT_EQ(hop.next.state, ChaseState::kAccepted);
  EXPECT_THAT(hop.effects, IsEmpty());
}

TEST_F(ChaseTest, ACounterRequestGoesToTheCaseAndBack) {
  const Decision asked = Reply(SentOnMonday(), Kind::kNeedsInput, "请补户口本复印件");
  EXPECT_EQ(asked.next.state, ChaseState::kNeedsInput);
  EXPECT_EQ(asked.next.reason, "请补户口本复印件");
  EXPECT_THAT(asked.effects, ElementsAre(Effect(AskCaseForInput{})));
  ASSERT_EQ(asked.next.next_action_time, On(6, 11));
  const Decision overdue = Do(asked.next, SilenceElapsed{}, On(6, 11));
  EXPECT_THAT(overdue.effects, ElementsAre(Effect(RemindCaseOfInput{})));
  EXPECT_EQ(overdue.next.reminders_sent, 0);  // the body is not the one who is silent
  const Decision given = Do(overdue.next, InputProvided{}, On(9, 9));
  EXPECT_EQ(given.next.state, ChaseState::kAccepted);
  EXPECT_THAT(given.effects, IsEmpty());
  EXPECT_EQ(given.next.next_action_time, On(11, 9));
}

TEST_F(ChaseTest, AnAnswerEndsItAndTellsTheCase) {
  const Decision answered = Reply(SentOnMonday(), Kind::kAnswered, "");
  EXPECT_EQ(answered.next.state, ChaseState::kAnswered);
  EXPECT_FALSE(answered.next.next_action_time.has_value());
  EXPECT_THAT(answered.effects, ElementsAre(Effect(NotifyCase{ChaseState::kAnswered})));
}

TEST_F(ChaseTest, NotHeldAndRedirectedTellTheCaseToAskTheNext) {
  EXPECT_THAT(Reply(SentOnMonday(), Kind::kNotHeld).effects, ElementsAre(Effect(NotifyCase{ChaseState::kNotHeld})));
  EXPECT_THAT(Reply(SentOnMonday(), Kind::kRedirected).effects,
              ElementsAre(Effect(NotifyCase{ChaseState::kRedirected})));
}

TEST_F(ChaseTest, EveryNegativeReplyNeedsAReason) {
  for (const Kind kind : {Kind::kNeedsInput, Kind::kNotHeld, Kind::kRedirected, Kind::kDeclined}) {
    const auto refused = Try(SentOnMonday(), BodyReplied{kind, "  ", std::nullopt}, On(3, 11));
    EXPECT_EQ(refused.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(refused.status().message()), HasSubstr("reason"));
  }
  EXPECT_EQ(Reply(SentOnMonday(), Kind::kDeclined, "不予补发").next.reason, "不予补发");
}

TEST_F(ChaseTest, APersonMayKeepWaiting) {
  const Decision waiting = Do(WithAPerson(), PersonDecided{PersonDecided::KeepWaiting{On(20, 10)}}, On(10, 11));
  EXPECT_FALSE(waiting.next.person_asked);
  EXPECT_EQ(waiting.next.next_action_time, On(20, 10));
  EXPECT_THAT(Do(waiting.next, SilenceElapsed{}, On(20, 10)).effects, ElementsAre(Effect(AskPersonToDecide{})));
}

TEST_F(ChaseTest, APersonMayNotWaitIntoThePastOrForEver) {
  for (const absl::Time until : {On(10, 11), On(1, 0), absl::InfiniteFuture(), On(10, 11) + absl::Hours(24 * 61)}) {
    EXPECT_EQ(Try(WithAPerson(), PersonDecided{PersonDecided::KeepWaiting{until}}, On(10, 11)).status().code(),
              absl::StatusCode::kInvalidArgument);
  }
}

TEST_F(ChaseTest, AnotherChannelStartsTheRemindersAnewAndKeepsTheFirstSending) {
  const Decision other = Do(WithAPerson(), PersonDecided{PersonDecided::TryOtherChannel{}}, On(10, 11));
  EXPECT_EQ(other.next.state, ChaseState::kQueued);
  EXPECT_THAT(other.effects, ElementsAre(Effect(SendByOtherChannel{})));
  const Chase sent = Do(other.next, Sent{}, On(10, 14)).next;
  EXPECT_EQ(sent.sent_time, On(2, 10));
  EXPECT_EQ(sent.reminders_sent, 0);
  EXPECT_EQ(sent.next_action_time, On(12, 14));
}

TEST_F(ChaseTest, TheFirstChannelsAnswerStillCountsWhileTheSecondIsQueued) {
  const Chase queued = Do(WithAPerson(), PersonDecided{PersonDecided::TryOtherChannel{}}, On(10, 11)).next;
  EXPECT_EQ(Reply(queued, Kind::kAnswered).next.state, ChaseState::kAnswered);
}

TEST_F(ChaseTest, OnlyAPersonGivesUpAndOnlyWithAReasonAfterTheReminders) {
  const Event give_up = PersonDecided{PersonDecided::GiveUp{"三次催办无人接听"}};
  EXPECT_EQ(Try(SentOnMonday(), give_up, On(3, 11)).status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(Try(WithAPerson(), PersonDecided{PersonDecided::GiveUp{" "}}, On(10, 11)).status().code(),
            absl::StatusCode::kInvalidArgument);
  const Decision ended = Do(WithAPerson(), give_up, On(10, 11));
  EXPECT_EQ(ended.next.state, ChaseState::kNoAnswer);
  EXPECT_EQ(ended.next.reason, "三次催办无人接听");
  EXPECT_THAT(ended.effects, ElementsAre(Effect(NotifyCase{ChaseState::kNoAnswer})));
}

TEST_F(ChaseTest, NobodyGivesUpOnABodyThatWasNeverAsked) {
  const Chase stuck = Do(StartChase(policy_, hours_, On(2, 10)), SilenceElapsed{}, On(3, 10)).next;
  ASSERT_TRUE(stuck.person_asked);
  EXPECT_EQ(Try(stuck, PersonDecided{PersonDecided::GiveUp{"无人接听"}}, On(3, 11)).status().code(),
            absl::StatusCode::kFailedPrecondition);
}

TEST_F(ChaseTest, CancellingTellsTheBodyOnlyIfItWasAsked) {
  EXPECT_THAT(Do(SentOnMonday(), Cancelled{"本人已找到"}, On(3, 11)).effects,
              ElementsAre(Effect(NotifyCase{ChaseState::kCancelled}), Effect(TellBodyCancelled{})));
  EXPECT_THAT(Do(StartChase(policy_, hours_, On(2, 10)), Cancelled{"本人已找到"}, On(2, 11)).effects,
              ElementsAre(Effect(NotifyCase{ChaseState::kCancelled})));
  // One that nobody can say was sent is withdrawn, too, also when that is known only afterwards.
  const Chase queued = StartChase(policy_, hours_, On(2, 10));
  EXPECT_THAT(Do(Do(queued, MayHaveIt{}, On(2, 11)).next, Cancelled{"本人已找到"}, On(2, 12)).effects,
              Contains(Effect(TellBodyCancelled{})));
  EXPECT_THAT(Do(Do(queued, Cancelled{"本人已找到"}, On(2, 11)).next, MayHaveIt{}, On(2, 12)).effects,
              ElementsAre(Effect(TellBodyCancelled{})));
  EXPECT_EQ(Try(SentOnMonday(), Cancelled{""}, On(3, 11)).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(ChaseTest, ALateReplyIsFiledAndOverwritesNothing) {
  const Chase answered = Reply(SentOnMonday(), Kind::kAnswered, "找到了").next;
  const Decision late = Reply(answered, Kind::kDeclined, "查无此档");
  EXPECT_EQ(late.next.state, ChaseState::kAnswered);
  EXPECT_EQ(late.next.reason, "找到了");
  EXPECT_THAT(late.effects, ElementsAre(Effect(FileLateReply{})));
}

TEST_F(ChaseTest, AForbiddenEventNamesTheAllowedOnes) {
  const Chase sent = SentOnMonday();
  const auto refused = Try(sent, Sent{}, On(3, 11));
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(refused.status().message(),
            "referral is SENT; allowed: BodyReplied, SilenceElapsed, PersonDecided, Cancelled, Undelivered, Heard");
  EXPECT_EQ(Try(sent, InputProvided{}, On(3, 11)).status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(Try(StartChase(policy_, hours_, On(2, 10)), BodyReplied{}, On(2, 11)).status().code(),
            absl::StatusCode::kFailedPrecondition);
  const Chase ended = Do(sent, Cancelled{"撤回"}, On(3, 11)).next;
  EXPECT_EQ(Try(ended, Cancelled{"撤回"}, On(3, 12)).status().message(), "referral is CANCELLED; allowed: BodyReplied");
}

TEST(ChaseStates, SplitIntoOpenPositiveAndNegative) {
  EXPECT_FALSE(IsTerminal(ChaseState::kNeedsInput));
  EXPECT_TRUE(IsTerminal(ChaseState::kAnswered));
  EXPECT_FALSE(IsNegative(ChaseState::kAnswered));
  for (const ChaseState state : {ChaseState::kNotHeld, ChaseState::kRedirected, ChaseState::kDeclined,
                                 ChaseState::kNoAnswer, ChaseState::kCancelled}) {
    EXPECT_TRUE(IsTerminal(state) && IsNegative(state)) << NameOf(state);
  }
}

TEST_F(ChaseTest, ASilenceWithoutAWordFromUsCountsNoReminder) {
  const Chase sent = SentOnMonday();
  const Decision waits = Do(sent, SilenceElapsed{true}, *sent.next_action_time);
  EXPECT_THAT(waits.effects, IsEmpty());
  EXPECT_EQ(waits.next.reminders_sent, 0);
  EXPECT_FALSE(waits.next.person_asked);
  EXPECT_GT(*waits.next.next_action_time, *sent.next_action_time);
}

TEST_F(ChaseTest, ARequestThatCameBackWasNeverSent) {
  const Decision back = Do(SentOnMonday(), Undelivered{true}, On(2, 11));
  EXPECT_EQ(back.next.state, ChaseState::kQueued);
  EXPECT_FALSE(back.next.sent_time.has_value());
  EXPECT_THAT(back.effects, ElementsAre(Effect(SendByOtherChannel{true})));
  const Decision reminder = Do(SentOnMonday(), Undelivered{false}, On(2, 11));
  EXPECT_EQ(reminder.next.state, ChaseState::kSent);
}

}  // namespace
}  // namespace xxt::referral
