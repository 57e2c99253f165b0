// Numbers and addresses of the directory that nobody has verified for long, against the real store.

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/rpc/timestamp.h"
#include "common/status/macros.h"
#include "common/tasks/claim.h"
#include "common/tasks/desk.h"
#include "gtest/gtest.h"
#include "services/referral/chase/work.h"
#include "services/referral/mail/inbound_world.h"

namespace xxt::referral {
namespace {

class StaleContact : public MailIntake {
 protected:
  static std::string Office(const std::string& verify_time, const std::string& number = "010-6000 6100") {
    return absl::StrCat("title: '档案馆' kind: KIND_BUREAU units { id: 'u' title: '科' contact_points { ",
                        "channel: CHANNEL_PHONE address: '", number, "' verify_time { seconds: ", verify_time,
                        " } } contact_points { channel: CHANNEL_EMAIL address: 'o@b.example' verify_time { seconds: ",
                        verify_time, " } } }");
  }
  // Of that office, a referral of which the case has heard.
  void AskOffice(v1::Referral::Connector connector = v1::Referral::CONNECTOR_STAFF) {
    ASSERT_EQ(Ask("o", connector), absl::OkStatus());
    const tasks::MachineKind report = chase::ReportKind(host_, db_.pool(), intake_, contacts_);
    const std::string id =
        db_.Sql(absl::StrCat("SELECT id FROM backbone.task WHERE kind = 'referral.report_case' AND subject = '",
                             referral_.name(), "' AND payload ->> 'kind' = 'KIND_OPENED'"));
    const auto claimed = tasks::Claim(db_.pool(), {id}, {report.name}, now_, absl::Seconds(30), "r@host").value();
    ASSERT_EQ(claimed.size(), 1U);
    const tasks::Verdict verdict = report.handle(claimed[0].task, absl::Now() + absl::Seconds(10));
    ASSERT_TRUE(tasks::Settle(db_.pool(), report, claimed[0], verdict).ok());
  }
  void Complete(const std::string& kind, const std::string& outcome) {
    const std::string id = db_.Sql(absl::StrCat("SELECT id FROM backbone.task WHERE kind = '", kind, "'"));
    std::vector<tasks::DeskKind> kinds = chase::DeskKinds(host_, patience_, contacts_);
    kinds.push_back(bounced::StaleKind(host_));
    Change([&](Tx& tx) -> absl::Status {
      XXT_ASSIGN_OR_RETURN(const tasks::DeskLease lease,
                           tasks::LeaseTask(tx.session, id, "staff/wang", officer_.halls, now_));
      const tasks::Completion completion{outcome, "", absl::InfinitePast(), "staff/wang", now_};
      return tasks::CompleteTask(tx.session, kinds, id, lease.token, officer_.halls, completion).status();
    });
  }
  std::string Stale() const { return Tasks("referral.stale_contact"); }

  const std::string long_ago_ = absl::StrCat(absl::ToUnixSeconds(now_ - absl::Hours(366 * 24)));
  const std::string lately_ = absl::StrCat(absl::ToUnixSeconds(now_ - absl::Hours(300 * 24)));
  const chase::Patience patience_{};
  const ContactPolicy contacts_{};
};

TEST_F(StaleContact, IsAPersonsTaskOnceAndTheBodyIsAskedAllTheSame) {
  ASSERT_EQ(WriteBody(db_, "o", Office(long_ago_)), absl::OkStatus());
  AskOffice();
  EXPECT_EQ(Tasks("referral.carry"), "1");
  EXPECT_EQ(db_.Sql("SELECT hall || ' ' || subject || ' ' || summary || ' ' || (due = '2026-11-23 10:00+08')::text "
                    "FROM backbone.task WHERE kind = 'referral.stale_contact'"),
            "halls/110102016 bodies/o 档案馆 科的电话已很久没有人查实，请联系核实后登记；有变请区里更正名录 true");
  AskOffice();
  EXPECT_EQ(Stale(), "1");
  // An address is another contact than a number.
  AskOffice(v1::Referral::CONNECTOR_EMAIL);
  EXPECT_EQ(Stale(), "2");
  EXPECT_EQ(Tasks("referral.send_mail"), "1");
}

TEST_F(StaleContact, IsNoTaskWhileSomebodyHasVerifiedItWithinTheYear) {
  ASSERT_EQ(WriteBody(db_, "o", Office(lately_)), absl::OkStatus());
  AskOffice();
  EXPECT_EQ(Stale(), "0");
}

TEST_F(StaleContact, ThatIsVerifiedSaysSoInTheDirectoryAndIsNotAskedForAgain) {
  ASSERT_EQ(WriteBody(db_, "o", Office(long_ago_)), absl::OkStatus());
  AskOffice();
  Complete("referral.stale_contact", "VERIFIED");
  Change([&](Tx& tx) -> absl::Status {
    XXT_ASSIGN_OR_RETURN(const body::v1::Body found, body::Find(tx.session, "bodies/o"));
    EXPECT_EQ(rpc::FromProto(found.units(0).contact_points(0).verify_time()), now_);
    EXPECT_LT(rpc::FromProto(found.units(0).contact_points(1).verify_time()), now_);
    return absl::OkStatus();
  });
  AskOffice();
  EXPECT_EQ(Stale(), "0");
}

TEST_F(StaleContact, EndsWhenTheDistrictHasVerifiedOrChangedItAndNotWhenItChangesWhatElseItSays) {
  ASSERT_EQ(WriteBody(db_, "o", Office(long_ago_)), absl::OkStatus());
  AskOffice();
  ASSERT_EQ(WriteBody(db_, "o", Office(long_ago_) + " transport: '地铁'"), absl::OkStatus());
  EXPECT_EQ(Stale(), "1");
  ASSERT_EQ(WriteBody(db_, "o", Office(lately_)), absl::OkStatus());
  EXPECT_EQ(Stale(), "0");
  ASSERT_EQ(WriteBody(db_, "o", Office(long_ago_)), absl::OkStatus());
  AskOffice();
  EXPECT_EQ(Stale(), "1");
  ASSERT_EQ(WriteBody(db_, "o", Office(long_ago_, "010-6000 6200")), absl::OkStatus());
  EXPECT_EQ(Stale(), "0");
}

TEST_F(StaleContact, IsNoticedByTheChaseAndByACallThatNobodyAnswers) {
  ASSERT_EQ(WriteBody(db_, "o", Office(lately_)), absl::OkStatus());
  AskOffice();
  db_.Sql("DELETE FROM backbone.desk_task WHERE subject <> '" + referral_.name() + "'");
  ASSERT_EQ(WriteBody(db_, "o", Office(long_ago_)), absl::OkStatus());
  const tasks::MachineKind silence = chase::SilenceKind(host_, contacts_);
  tasks::Task timer;
  timer.subject = referral_.name();
  const tasks::Verdict verdict = silence.handle(timer, SteadyTime::Now() + absl::Seconds(10));
  Change([&](Tx& tx) { return verdict.effect(tx.session); });
  EXPECT_EQ(Stale(), "1");
  Complete("referral.stale_contact", "CORRECTED");
  EXPECT_EQ(Stale(), "0");
  Complete("referral.carry", "NO_ANSWER");
  EXPECT_EQ(Stale(), "1");
}

TEST_F(StaleContact, ThatTurnsOutToBeWrongIsOneTaskAndNotTwo) {
  ASSERT_EQ(WriteBody(db_, "o", Office(long_ago_)), absl::OkStatus());
  AskOffice();
  db_.Sql("DELETE FROM backbone.desk_task WHERE kind = 'referral.carry' AND subject <> '" + referral_.name() + "'");
  Complete("referral.carry", "WRONG_NUMBER");
  EXPECT_EQ(Stale() + Tasks("referral.verify_contact"), "01");
  AskOffice();
  EXPECT_EQ(Stale(), "0");
}

}  // namespace
}  // namespace xxt::referral
