// What the case says to a report decides over its referral: against the real
// store, with an intake service that says what it is told to.

#include <string>

#include "absl/functional/function_ref.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/calendar/shanghai_time.h"
#include "common/status/errors.h"
#include "common/tasks/claim.h"
#include "common/testing/as.h"
#include "common/testing/database.h"
#include "gtest/gtest.h"
#include "services/referral/body/body_world.h"
#include "services/referral/chase/asking_world.h"
#include "services/referral/chase/verbs.h"
#include "services/referral/chase/work.h"

namespace xxt::referral::chase {
namespace {

class ReportTest : public ::testing::Test {
 protected:
  ReportTest() {
    EXPECT_EQ(WriteBody(db_, "b", ArchiveWithMail("a@b.example")), absl::OkStatus());
    const auto request = AskingOf("b", v1::Referral::CONNECTOR_EMAIL);
    v1::Referral made;
    Change([&](Tx& tx) { return Create(intake_, tx, request, made); });
    name_ = made.name();
  }

  // As the officer.
  void Change(absl::FunctionRef<absl::Status(Tx&)> body) {
    const identity::Caller caller{
        "staff/wang", "halls/110102016", {"officer"}, identity::HallScope::One("halls/110102016")};
    ASSERT_EQ(test::As(caller, now_, db_.pool(), body), absl::OkStatus());
  }
  void BodyAnswers() {
    v1::RecordReplyRequest reply;
    reply.set_name(name_);
    reply.mutable_reply()->set_kind(v1::Reply::KIND_ANSWERED);
    Change([&](Tx& tx) {
      v1::Referral found;
      return RecordReply(tx, reply, found);
    });
  }
  // What intake says to the report of this kind.
  void Tell(const std::string& kind, const absl::Status& answer) {
    intake_.told = answer;
    const std::string id = db_.Sql(
        "SELECT id FROM backbone.task WHERE kind = 'referral.report_case' AND payload ->> 'kind' = '" + kind + "'");
    const auto claimed =
        tasks::Claim(db_.pool(), {id}, {report_.name}, now_, absl::Seconds(30), "reporter@host").value();
    ASSERT_EQ(claimed.size(), 1U);
    const tasks::Verdict verdict = report_.handle(claimed[0].task, absl::Now() + absl::Seconds(10));
    ASSERT_TRUE(tasks::Settle(db_.pool(), report_, claimed[0], verdict).ok());
  }

  v1::Referral Get() {
    v1::Referral found;
    Change([&](Tx& tx) { return tx.Get(referrals::kReferrals, name_, &found); });
    return found;
  }
  // What is to be done about the referral, and by whom.
  std::string Tasks() const {
    return db_.Sql(
        "SELECT string_agg(kind || ' ' || assignee, ', ' ORDER BY kind, assignee) FROM backbone.desk_task "
        "WHERE subject LIKE '" +
        name_ + "%'");
  }

  std::string State() const { return db_.Sql("SELECT state FROM referral.referrals"); }
  // What is to be written to the body.
  std::string Mail() const {
    return db_.Sql("SELECT payload ->> 'purpose' FROM backbone.task WHERE kind = 'referral.send_mail'");
  }
  // How much people are asked to do of this kind; of all kinds.
  std::string Asked(const std::string& kind = "%") const {
    return db_.Sql("SELECT count(*) FROM backbone.task WHERE lane = 'desk' AND kind LIKE '" + kind + "'");
  }

  const absl::Time now_ = calendar::AtTimeOfDay(absl::CivilDay(2026, 3, 2), 10, 0);
  std::string name_;
  test::Database db_{"referral"};
  const ManualClock clock_{now_};
  const edge::Host host_{"referral", clock_, test::TestKeys()};
  ToldIntake intake_;
  const ContactPolicy contacts_;
  const tasks::MachineKind report_ = ReportKind(host_, db_.pool(), intake_, contacts_);
  const absl::Status closed_ = errors::StateForbids("cases/x", "诉求已办结", "the case is closed");
};

TEST_F(ReportTest, NoMailIsSentBeforeTheCaseCountsTheReferral) {
  EXPECT_EQ(Mail(), "");
  Tell("KIND_OPENED", absl::OkStatus());
  EXPECT_EQ(Mail(), "REQUEST");
}

TEST_F(ReportTest, ToACaseThatWasClosedMeanwhileWithdrawsTheReferralBeforeAnythingLeft) {
  Tell("KIND_OPENED", closed_);
  EXPECT_EQ(Mail(), "");
  EXPECT_EQ(State(), absl::StrCat(v1::Referral::STATE_CANCELLED));
  EXPECT_EQ(Asked(), "0");
}

TEST_F(ReportTest, ToACaseThatWasClosedMeanwhileWithdrawsTheReferralThoughItsDataAreErased) {
  db_.Sql("UPDATE referral.referrals SET key = NULL");
  Tell("KIND_OPENED", closed_);
  EXPECT_EQ(State(), absl::StrCat(v1::Referral::STATE_CANCELLED));
}

// It is open: nothing says that the body need not be asked.
TEST_F(ReportTest, ToACaseWhosePeopleAreErasedWithdrawsNothingAndReachesAPerson) {
  Tell("KIND_OPENED", errors::PersonalDataErased("cases/x"));
  EXPECT_EQ(State(), absl::StrCat(v1::Referral::STATE_QUEUED));
  EXPECT_EQ(Asked("referral.dead_task"), "1");
}

// A closed case takes answers too, so that this is not what is meant.
TEST_F(ReportTest, SaysHowOftenTheBodyPassedItOn) {
  v1::CreateEntryRequest entry;
  entry.set_parent(name_);
  entry.mutable_entry()->mutable_hop()->set_to_unit("营业室");
  v1::RecordReplyRequest reply;
  reply.set_name(name_);
  reply.mutable_reply()->set_kind(v1::Reply::KIND_PASSED_ON);
  reply.mutable_reply()->mutable_hop()->set_to_unit("档案室");
  Change([&](Tx& tx) {
    v1::Entry made;
    return CreateEntry(tx, entry, made);
  });
  for (int i = 0; i < 2; ++i) {
    Change([&](Tx& tx) {
      v1::Referral found;
      return RecordReply(tx, reply, found);
    });
  }
  BodyAnswers();
  EXPECT_EQ(
      db_.Sql("SELECT string_agg(payload ->> 'hops', ' ' ORDER BY (payload ->> 'version')::int) FROM backbone.task "
              "WHERE kind = 'referral.report_case' AND payload ? 'hops'"),
      "1 1 2 3 3");
}

// After the answer nothing is reported that would say so.
TEST_F(ReportTest, OfAHopThatIsHeardOfAfterTheAnswerIsMadeAllTheSame) {
  BodyAnswers();
  v1::CreateEntryRequest entry;
  entry.set_parent(name_);
  entry.mutable_entry()->mutable_hop()->set_to_unit("营业室");
  Change([&](Tx& tx) {
    v1::Entry made;
    return CreateEntry(tx, entry, made);
  });
  EXPECT_EQ(db_.Sql("SELECT payload ->> 'kind' || ' ' || (payload ->> 'hops') FROM backbone.task "
                    "WHERE kind = 'referral.report_case' ORDER BY (payload ->> 'version')::int DESC LIMIT 1"),
            "KIND_PROGRESS 1");
}

// A desk task of a later time, one of a colleague, and one of another referral.
TEST_F(ReportTest, HearsWhoseTheCaseIsNowAndPassesOnWhatTheFormerOwnerWasToDo) {
  BodyAnswers();
  const auto make = [&](const std::string& subject, const std::string& assignee) {
    db_.Sql(
        absl::StrCat("INSERT INTO backbone.desk_task (id, kind, subject, dedupe_key, due, hall, assignee) SELECT "
                     "id, 't.visit', '",
                     subject, "', id, now() + interval '9 days', 'halls/110102016', '", assignee,
                     "' FROM (SELECT gen_random_uuid()) AS one (id)"));
  };
  make(name_ + "/visits/1", "staff/wang");
  make(name_ + "/visits/2", "staff/chen");
  make("referrals/11111111-1111-7111-8111-111111111111", "staff/wang");
  intake_.owners.set_owner("staff/zhao-li");
  Tell("KIND_ANSWERED", absl::OkStatus());
  EXPECT_EQ(Tasks(), "t.visit staff/chen, t.visit staff/wang") << "a colleague has asked the body";
  EXPECT_EQ(Get().owner(), "staff/wang");
  intake_.owners.add_former_owners("staff/wang");
  Tell("KIND_OPENED", absl::OkStatus());
  EXPECT_EQ(Tasks(), "t.visit staff/chen, t.visit staff/zhao-li");
  EXPECT_EQ(Get().owner(), "staff/zhao-li");
  EXPECT_EQ(db_.Sql("SELECT assignee FROM backbone.desk_task WHERE subject LIKE '%111111111111'"), "staff/wang");
}

TEST_F(ReportTest, OfAnAnswerThatIsRefusedReachesAPerson) {
  BodyAnswers();
  Tell("KIND_ANSWERED", closed_);
  EXPECT_EQ(State(), absl::StrCat(v1::Referral::STATE_ANSWERED));
  EXPECT_EQ(Asked("referral.dead_task"), "1");
}

}  // namespace
}  // namespace xxt::referral::chase
