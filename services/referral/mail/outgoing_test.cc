// A mail goes out once, whatever is lost on the way: against the real store,
// with a mail system that only counts.

#include "services/referral/mail/outgoing.h"

#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "common/calendar/shanghai_time.h"
#include "common/pg/pool.h"
#include "common/rpc/timestamp.h"
#include "common/status/macros.h"
#include "common/tasks/claim.h"
#include "common/tasks/desk.h"
#include "common/testing/as.h"
#include "common/testing/database.h"
#include "gtest/gtest.h"
#include "services/referral/body/body_world.h"
#include "services/referral/chase/asking_world.h"
#include "services/referral/chase/steps.h"
#include "services/referral/chase/verbs.h"
#include "services/referral/chase/work.h"
#include "services/referral/entry/entry.h"

namespace xxt::referral::mail {
namespace {

class OutgoingMail : public ::testing::Test {
 protected:
  OutgoingMail() {
    EXPECT_EQ(WriteBody(db_, "b", ArchiveWithMail("a@b.example")), absl::OkStatus());
    const auto request = AskingOf("b", v1::Referral::CONNECTOR_EMAIL);
    v1::Referral made;
    Change([&](Tx& tx) { return chase::Create(intake_, tx, request, made); });
    name_ = made.name();
  }
  void SetUp() override {
    BeCounted();
    FindMail();
  }

  // The mail that waits is the one that Claim takes.
  void FindMail() { mail_ = db_.Sql("SELECT id FROM backbone.task WHERE kind = 'referral.send_mail'"); }

  absl::Status As(const identity::Caller& caller, absl::FunctionRef<absl::Status(Tx&)> body) {
    return test::As(caller, later_, db_.pool(), body);
  }
  // As the officer.
  void Change(absl::FunctionRef<absl::Status(Tx&)> body) { ASSERT_EQ(As(caller_, body), absl::OkStatus()); }

  // Claims the mail as a process that dies with the lease, which is over at once.
  tasks::Claimed Claim() {
    const absl::Time deadline = absl::Now() + absl::Seconds(10);
    while (absl::Now() < deadline) {
      db_.Sql("UPDATE backbone.machine_task SET not_before = now() WHERE state = 'retry'");
      const auto claimed = tasks::Claim(db_.pool(), {mail_}, {kind_.name}, later_, absl::Milliseconds(1), "dead@host");
      if (claimed.ok() && !claimed->empty()) return claimed->front();
    }
    ADD_FAILURE() << "the mail cannot be claimed";
    return {};
  }
  tasks::Verdict Handle(const tasks::Claimed& claimed) {
    return kind_.handle(claimed.task, absl::Now() + absl::Seconds(10));
  }
  // The case counts the referral: its mail is queued.
  void BeCounted() {
    const std::string id = db_.Sql("SELECT id FROM backbone.task WHERE kind = 'referral.report_case'");
    const auto claimed =
        tasks::Claim(db_.pool(), {id}, {report_.name}, later_, absl::Seconds(30), "reporter@host").value();
    ASSERT_EQ(claimed.size(), 1);
    const tasks::Verdict verdict = report_.handle(claimed[0].task, absl::Now() + absl::Seconds(10));
    ASSERT_TRUE(tasks::Settle(db_.pool(), report_, claimed[0], verdict).ok());
  }
  void HandleAndSettle() {
    const tasks::Claimed claimed = Claim();
    ASSERT_TRUE(tasks::Settle(db_.pool(), kind_, claimed, Handle(claimed)).ok());
  }
  // Of the mail in the ledger; empty if it is not there.
  std::string State() {
    v1::Entry found;
    const absl::Status read =
        As(caller_, [&](Tx& tx) { return tx.Get(entry::kEntries, entry::NameOf(name_, mail_), &found); });
    return absl::IsNotFound(read) ? "" : v1::Mail::State_Name(found.mail().state());
  }
  std::string Trouble() const {
    return db_.Sql("SELECT count(*) FROM backbone.task WHERE kind = 'referral.mail_trouble'");
  }

  std::string Waiting() const {
    return db_.Sql(
        "SELECT string_agg(payload ->> 'purpose', ' ') FROM backbone.task WHERE kind = 'referral.send_mail'");
  }

  absl::Time NextActionTime() {
    v1::Referral found;
    Change([&](Tx& tx) { return tx.Get(referrals::kReferrals, name_, &found); });
    return rpc::FromProto(found.next_action_time());
  }

  // What the chase decides of `event` after days.
  void Chase(const Event& event) {
    later_ += absl::Hours(24 * 3);
    Change([&](Tx& tx) -> absl::Status {
      XXT_ASSIGN_OR_RETURN(chase::Chased chased, chase::LoadForChange(tx, name_));
      XXT_RETURN_IF_ERROR(chase::Advance(tx, &chased, event));
      chase::Save(tx, &chased);
      return absl::OkStatus();
    });
  }
  void Cancel() {
    v1::CancelReferralRequest request;
    request.set_name(name_);
    request.set_reason("找到了");
    Change([&](Tx& tx) {
      v1::Referral found;
      return chase::Cancel(tx, request, found);
    });
  }
  // The officer's answer to the mail's trouble.
  absl::Status Answer(const std::string& outcome) {
    const std::string trouble = db_.Sql("SELECT id FROM backbone.task WHERE kind = 'referral.mail_trouble'");
    const std::vector<tasks::DeskKind> kinds = chase::DeskKinds(host_, patience_, contacts_);
    return pg::InTransaction(db_.pool(), absl::Now() + absl::Seconds(10), [&](pg::Session& session) -> absl::Status {
      XXT_ASSIGN_OR_RETURN(const tasks::DeskLease lease,
                           tasks::LeaseTask(session, trouble, "staff/wang", caller_.halls, later_));
      const tasks::Completion completion{outcome, "", absl::InfinitePast(), "staff/wang", later_};
      return tasks::CompleteTask(session, kinds, trouble, lease.token, caller_.halls, completion).status();
    });
  }
  absl::Status Requeue() {
    return pg::InTransaction(db_.pool(), absl::Now() + absl::Seconds(10),
                             [&](pg::Session& session) { return tasks::RequeueTask(session, mail_).status(); });
  }
  // What was sealed of the referral does not open until this is called again.
  void DamageOrMend() {
    db_.Sql("UPDATE referral.referrals SET sealed = set_byte(sealed, 40, get_byte(sealed, 40) # 1)");
  }
  // The mail server did not take it for three days.
  void GiveUp() {
    answer_ = SendOutcome::kAccepted;
    ASSERT_TRUE(tasks::Settle(db_.pool(), kind_, Claim(), tasks::Verdict::Dead("given up")).ok());
  }

  const absl::Time now_ = calendar::AtTimeOfDay(absl::CivilDay(2026, 3, 2), 10, 0);
  absl::Time later_ = now_;
  const identity::Caller caller_{
      "staff/wang", "halls/110102016", {"officer"}, identity::HallScope::One("halls/110102016")};
  std::string name_;
  test::Database db_{"referral"};
  const ManualClock clock_{now_};
  const edge::Host host_{"referral", clock_, test::TestKeys()};
  const Settings settings_;
  const chase::Patience patience_;
  const ContactPolicy contacts_;
  SendOutcome answer_ = SendOutcome::kAccepted;
  int sent_ = 0;
  ToldIntake intake_;
  std::string mail_;
  const tasks::MachineKind report_ = chase::ReportKind(host_, db_.pool(), intake_, contacts_);
  const tasks::MachineKind kind_ = SendKind(host_, db_.pool(), settings_, [this](const OutboundMail&, SteadyTime) {
    ++sent_;
    return answer_;
  });
};

// A service whose clock is ahead would hold it up until the others' clocks come there.
TEST_F(OutgoingMail, ThatGoesAtOnceDependsOnNoClock) {
  EXPECT_EQ(db_.Sql("SELECT due FROM backbone.task WHERE kind = 'referral.send_mail'"), "-infinity");
}

TEST_F(OutgoingMail, ThatRemindsABodyWhichIsOpenDependsOnNoClock) {
  HandleAndSettle();
  later_ = NextActionTime();
  Change([&](Tx& tx) -> absl::Status {
    XXT_ASSIGN_OR_RETURN(chase::Chased chased, chase::LoadForChange(tx, name_));
    return chase::Advance(tx, &chased, SilenceElapsed{});
  });
  EXPECT_EQ(db_.Sql("SELECT due FROM backbone.task WHERE kind = 'referral.send_mail'"), "-infinity");
}

TEST_F(OutgoingMail, IsSentWhenAnEarlierAttemptWasLostBeforeItTouchedTheMailSystem) {
  Claim();
  HandleAndSettle();
  EXPECT_EQ(sent_, 1);
  EXPECT_EQ(State(), "STATE_ACCEPTED");
  EXPECT_EQ(Trouble(), "0");
}

TEST_F(OutgoingMail, IsInDoubtWhenWhatCameOfItWasLost) {
  Handle(Claim());
  HandleAndSettle();
  EXPECT_EQ(sent_, 1);
  EXPECT_EQ(State(), "STATE_IN_DOUBT");
  EXPECT_EQ(Trouble(), "1");
}

TEST_F(OutgoingMail, IsSentAgainAfterARefusalForNow) {
  answer_ = SendOutcome::kRefusedForNow;
  HandleAndSettle();
  answer_ = SendOutcome::kAccepted;
  HandleAndSettle();
  EXPECT_EQ(sent_, 2);
  EXPECT_EQ(State(), "STATE_ACCEPTED");
}

TEST_F(OutgoingMail, OfAReferralThatNobodyCanReadIsGivenUpForAPersonOfItsHall) {
  db_.Sql("UPDATE referral.referrals SET message = '\\xff'");
  GiveUp();
  EXPECT_EQ(db_.Sql("SELECT state FROM backbone.task WHERE kind = 'referral.send_mail'"), "dead");
  EXPECT_EQ(db_.Sql("SELECT hall FROM backbone.task WHERE kind = 'referral.dead_task'"), "halls/110102016");
}

TEST_F(OutgoingMail, StaysInDoubtWhenItsTaskIsRequeued) {
  Handle(Claim());
  db_.Sql("UPDATE backbone.machine_task SET state = 'dead', lease_until = NULL WHERE kind = 'referral.send_mail'");
  ASSERT_TRUE(Requeue().ok());
  HandleAndSettle();
  EXPECT_EQ(sent_, 1);
  EXPECT_EQ(State(), "STATE_IN_DOUBT");
}

TEST_F(OutgoingMail, ThatAPersonSendsAgainStaysHereOnceTheBodyHasAnswered) {
  HandleAndSettle();
  Chase(SilenceElapsed{});
  FindMail();
  Handle(Claim());
  HandleAndSettle();
  ASSERT_EQ(State(), "STATE_IN_DOUBT");
  ASSERT_TRUE(Answer("SEND_AGAIN").ok());
  FindMail();
  answer_ = SendOutcome::kRefusedForNow;
  HandleAndSettle();
  ASSERT_EQ(sent_, 3);
  v1::RecordReplyRequest reply;
  reply.set_name(name_);
  reply.mutable_reply()->set_kind(v1::Reply::KIND_ANSWERED);
  Change([&](Tx& tx) {
    v1::Referral found;
    return chase::RecordReply(tx, reply, found);
  });
  HandleAndSettle();
  EXPECT_EQ(sent_, 3);
}

TEST_F(OutgoingMail, StaysHereOnceAPersonCallsInstead) {
  answer_ = SendOutcome::kRefusedForNow;
  HandleAndSettle();
  Chase(PersonDecided{PersonDecided::TryOtherChannel{}});
  answer_ = SendOutcome::kAccepted;
  HandleAndSettle();
  EXPECT_EQ(sent_, 1);
  EXPECT_EQ(State(), "");
}

TEST_F(OutgoingMail, ThatWasGivenUpIsNotSentBesideTheOneThatAPersonSendsAgain) {
  GiveUp();
  ASSERT_TRUE(Answer("SEND_AGAIN").ok());
  EXPECT_FALSE(Requeue().ok());
  FindMail();
  HandleAndSettle();
  EXPECT_EQ(sent_, 1);
  EXPECT_EQ(State(), "STATE_ACCEPTED");
}

TEST_F(OutgoingMail, ThatWasGivenUpAndIsTriedAgainIsNoPersonsQuestionAnyMore) {
  GiveUp();
  ASSERT_TRUE(Requeue().ok());
  const tasks::Claimed claimed = Claim();
  const tasks::Verdict verdict = Handle(claimed);
  EXPECT_EQ(Trouble(), "0");
  ASSERT_TRUE(tasks::Settle(db_.pool(), kind_, claimed, verdict).ok());
  EXPECT_EQ(Trouble(), "0");
  EXPECT_EQ(State(), "STATE_ACCEPTED");
}

TEST_F(OutgoingMail, ThatIsTriedAgainStaysHereIfThePersonWasFaster) {
  GiveUp();
  ASSERT_TRUE(Requeue().ok());
  const tasks::Claimed claimed = Claim();
  ASSERT_TRUE(Answer("SEND_AGAIN").ok());
  Handle(claimed);
  EXPECT_EQ(sent_, 0);
}

TEST_F(OutgoingMail, InDoubtIsWithdrawnWithItsReferral) {
  Handle(Claim());
  HandleAndSettle();
  ASSERT_EQ(State(), "STATE_IN_DOUBT");
  Cancel();
  EXPECT_EQ(Waiting(), "WITHDRAWAL");
}

TEST_F(OutgoingMail, OnTheWireIsWithdrawnOnceItsReferralWas) {
  const tasks::Claimed claimed = Claim();
  const tasks::Verdict verdict = Handle(claimed);
  Cancel();
  ASSERT_TRUE(tasks::Settle(db_.pool(), kind_, claimed, verdict).ok());
  EXPECT_EQ(Waiting(), "WITHDRAWAL");
}

TEST_F(OutgoingMail, LostOnTheWireIsWithdrawnOnceItsReferralWasAndNobodyIsAsked) {
  Handle(Claim());
  Cancel();
  HandleAndSettle();
  EXPECT_EQ(Waiting(), "WITHDRAWAL");
  EXPECT_EQ(Trouble(), "0");
}

TEST_F(OutgoingMail, ThatAPersonReplacedByACallIsWithdrawnIfItWentOutMeanwhile) {
  const tasks::Claimed claimed = Claim();
  const tasks::Verdict verdict = Handle(claimed);
  Chase(PersonDecided{PersonDecided::TryOtherChannel{}});
  ASSERT_TRUE(tasks::Settle(db_.pool(), kind_, claimed, verdict).ok());
  Cancel();
  EXPECT_EQ(db_.Sql("SELECT count(*) FROM backbone.task WHERE kind = 'referral.carry'"), "1");
}

TEST_F(OutgoingMail, ThatNobodyTookIsNotWithdrawn) {
  answer_ = SendOutcome::kRefusedForGood;
  HandleAndSettle();
  Cancel();
  EXPECT_EQ(Waiting(), "");
}

TEST_F(OutgoingMail, IsNotBegunOnceItsReferralWasCancelled) {
  const tasks::Claimed claimed = Claim();
  Cancel();
  ASSERT_TRUE(tasks::Settle(db_.pool(), kind_, claimed, Handle(claimed)).ok());
  EXPECT_EQ(sent_, 0);
  EXPECT_EQ(Waiting(), "");
}

TEST_F(OutgoingMail, AboutSomebodyWhoseDataAreErasedIsAPersonsQuestion) {
  db_.Sql("UPDATE referral.referrals SET key = NULL");
  HandleAndSettle();
  EXPECT_EQ(sent_, 0);
  EXPECT_EQ(State(), "STATE_NOT_WRITTEN");
  EXPECT_EQ(Trouble(), "1");
  const std::string words = "邮件没有写出（当事人的信息已删除）";
  EXPECT_EQ(db_.Sql("SELECT summary LIKE '%" + words + "%' FROM backbone.task WHERE kind = 'referral.mail_trouble'"),
            "t");
  EXPECT_EQ(
      db_.Sql("SELECT summary LIKE '%" + words + "' FROM backbone.event WHERE type = 'referral.mail_not_written.v1'"),
      "t");
}

// Another key file may open it again.
TEST_F(OutgoingMail, AboutSomebodyWhoseDataDoNotOpenNowWaitsUntilTheyDo) {
  DamageOrMend();
  HandleAndSettle();
  EXPECT_EQ(sent_, 0);
  EXPECT_EQ(State(), "");
  EXPECT_EQ(Trouble(), "0");
  DamageOrMend();
  HandleAndSettle();
  EXPECT_EQ(sent_, 1);
  EXPECT_EQ(State(), "STATE_ACCEPTED");
}

TEST_F(OutgoingMail, AboutSomebodyWhoseDataNeverOpenAgainIsAPersonsQuestionInTheEnd) {
  DamageOrMend();
  GiveUp();
  EXPECT_EQ(Trouble(), "1");
}

TEST_F(OutgoingMail, ToAnAddressThatIsKnownToBeDeadIsNotWrittenUnlessAPersonSaysSo) {
  db_.Sql(
      "INSERT INTO referral.bounced_contacts (body, unit, address, bounce_time) "
      "VALUES ('b', 'u', 'a@b.example', now())");
  HandleAndSettle();
  EXPECT_EQ(sent_, 0);
  EXPECT_EQ(State(), "STATE_NOT_WRITTEN");
  ASSERT_TRUE(Answer("SEND_AGAIN").ok());
  FindMail();
  HandleAndSettle();
  EXPECT_EQ(sent_, 1);
  EXPECT_EQ(State(), "STATE_ACCEPTED");
}

TEST_F(OutgoingMail, LeavesNoNoteBehindOnceItsEndIsKnown) {
  HandleAndSettle();
  EXPECT_EQ(db_.Sql("SELECT count(*) FROM referral.mails_in_flight"), "0");
}

}  // namespace
}  // namespace xxt::referral::mail
