// Mail that comes back, and calls that are made in place of mails, against the real store.

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"
#include "common/tasks/desk.h"
#include "gtest/gtest.h"
#include "services/referral/chase/verbs.h"
#include "services/referral/chase/work.h"
#include "services/referral/mail/inbound_world.h"

namespace xxt::referral {
namespace {

TEST_F(MailIntake, AReferralAboutSomebodyWhoseDataAreErasedEndsWithoutAWordWhy) {
  db_.Sql("UPDATE referral.referrals SET key = NULL");
  Withdraw();
  EXPECT_EQ(Now().state(), v1::Referral::STATE_CANCELLED);
  EXPECT_EQ(referral_.state_reason() + Now().state_reason(), "");
}

TEST_F(MailIntake, ACallAboutSomebodyWhoseDataAreErasedIsNotedAsACallAlone) {
  ASSERT_EQ(Ask("b", v1::Referral::CONNECTOR_STAFF), absl::OkStatus());
  db_.Sql("UPDATE referral.referrals SET key = NULL");
  const std::string call = db_.Sql("SELECT id FROM backbone.task WHERE kind = 'referral.carry'");
  const chase::Patience patience;
  const ContactPolicy contacts;
  const std::vector<tasks::DeskKind> kinds = chase::DeskKinds(host_, patience, contacts);
  Change([&](Tx& tx) -> absl::Status {
    XXT_ASSIGN_OR_RETURN(const tasks::DeskLease lease,
                         tasks::LeaseTask(tx.session, call, "staff/wang", officer_.halls, now_));
    const tasks::Completion completion{"NO_ANSWER", "", absl::InfinitePast(), "staff/wang", now_};
    return tasks::CompleteTask(tx.session, kinds, call, lease.token, officer_.halls, completion).status();
  });
  EXPECT_EQ(Count("referral.entries"), "1");
  EXPECT_EQ(Tasks("referral.carry"), "1");
}

TEST_F(MailIntake, ADeadAddressIsNeitherRemindedNorWrittenToAgain) {
  const std::string sent = Ours();
  MarkSent();
  Receive(Bounced(3, sent));
  // A person asks instead, and the directory's keepers verify the address.
  EXPECT_THAT(Now(), test::Partially("state: STATE_QUEUED connector: CONNECTOR_STAFF"));
  EXPECT_EQ(Tasks("referral.carry"), "1");
  EXPECT_EQ(db_.Sql("SELECT hall || ' ' || subject FROM backbone.task WHERE kind = 'referral.verify_contact'"),
            "halls/110102 bodies/b");
  EXPECT_EQ(Mails().back().bounced_mail(), sent);
  // Nor is the next person's errand sent there.
  EXPECT_EQ(Ask("b", v1::Referral::CONNECTOR_EMAIL).code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(MailIntake, AVerifiedAddressIsNotTheOneThatBouncedSince) {
  Receive(Bounced(3, Ours()));
  const std::string old = db_.Sql("SELECT id FROM backbone.task WHERE kind = 'referral.verify_contact'");
  ASSERT_EQ(WriteBody(db_, "b", ArchiveWithMail("c@b.example")), absl::OkStatus());
  InboundMail bounce = Bounced(4, Ours(v1::Mail::DIRECTION_OUT, "c@b.example"));
  bounce.bounce->recipient = "c@b.example";
  Receive(bounce);
  Verify(old);
  EXPECT_EQ(db_.Sql("SELECT string_agg(address, ' ') FROM referral.bounced_contacts"), "c@b.example");
  ASSERT_EQ(Tasks("referral.verify_contact"), "1");
  Verify(db_.Sql("SELECT id FROM backbone.task WHERE kind = 'referral.verify_contact'"));
  EXPECT_EQ(Count("referral.bounced_contacts"), "0");
}

TEST_F(MailIntake, ANumberOfAPersonsOwnIsNamedInNoTask) {
  ASSERT_EQ(WriteBody(db_, "c",
                      "title: '机械厂' kind: KIND_EMPLOYER units { id: 'u' title: '留守处' contact_points { "
                      "channel: CHANNEL_PHONE person: '孟师傅' direct_number: '+8613800138000' } }"),
            absl::OkStatus());
  EXPECT_EQ(Ask("c", v1::Referral::CONNECTOR_STAFF), absl::OkStatus());
  EXPECT_EQ(db_.Sql("SELECT summary FROM backbone.task WHERE kind = 'referral.carry'"), "联系机械厂 留守处，办理协查");
}

TEST_F(MailIntake, TheOfficesNumberIsNamedInTheTaskThoughAPersonsOwnStandsBeforeIt) {
  ASSERT_EQ(WriteBody(db_, "c",
                      "title: '机械厂' kind: KIND_EMPLOYER units { id: 'u' title: '留守处' contact_points { "
                      "channel: CHANNEL_PHONE person: '孟师傅' direct_number: '+8613800138000' } contact_points { "
                      "channel: CHANNEL_PHONE address: '010-6000 6100' } }"),
            absl::OkStatus());
  EXPECT_EQ(Ask("c", v1::Referral::CONNECTOR_STAFF), absl::OkStatus());
  EXPECT_EQ(db_.Sql("SELECT summary FROM backbone.task WHERE kind = 'referral.carry'"),
            "联系机械厂 留守处（电话 010-6000 6100），办理协查");
}

TEST_F(MailIntake, TheBounceOfAnEndedReferralIsVerifiedToo) {
  const std::string sent = Ours();
  MarkSent();
  Withdraw();
  Receive(Bounced(3, sent));
  EXPECT_EQ(Now().state(), v1::Referral::STATE_CANCELLED);
  EXPECT_EQ(Count("referral.bounced_contacts"), "1");
  EXPECT_EQ(Tasks("referral.verify_contact"), "1");
}

TEST_F(MailIntake, AnAnswerThatComesAfterTheWithdrawalLeavesTheCallThatTellsOfIt) {
  ASSERT_EQ(Ask("b", v1::Referral::CONNECTOR_STAFF), absl::OkStatus());
  Move(Sent{});
  Withdraw();
  const std::string withdrawal = "SELECT count(*) FROM backbone.task WHERE kind = 'referral.carry' AND subject = '" +
                                 referral_.name() + "' AND summary LIKE '%协查已撤回%'";
  ASSERT_EQ(db_.Sql(withdrawal), "1");
  Receive(Mail(3));
  v1::RecordReplyRequest request;
  request.set_name(referral_.name());
  request.mutable_reply()->set_kind(v1::Reply::KIND_ANSWERED);
  request.mutable_reply()->set_mail(referral_.name() + "/entries/" +
                                    db_.Sql("SELECT id FROM referral.entries ORDER BY row_number DESC LIMIT 1"));
  ASSERT_EQ(As(officer_, [&](Tx& tx) { return chase::RecordReply(tx, request, referral_); }), absl::OkStatus());
  EXPECT_EQ(Tasks("referral.read_mail"), "0");
  EXPECT_EQ(db_.Sql(withdrawal), "1");
}

TEST_F(MailIntake, ABouncedReminderLeavesTheReferralWithTheBody) {
  const std::string reminder = Ours(v1::Mail::DIRECTION_REMINDER);
  Move(Sent{});
  Move(BodyReplied{});
  Receive(Bounced(3, reminder));
  EXPECT_EQ(Now().state(), v1::Referral::STATE_ACCEPTED);
  EXPECT_EQ(Tasks("referral.carry"), "1");
}

TEST_F(MailIntake, ADelayOrTheBounceOfAnotherAddressIsOnlyRead) {
  const std::string sent = Ours();
  MarkSent();
  Receive(Bounced(3, sent, false));
  InboundMail other = Bounced(4, sent);
  other.bounce->recipient = "copy@c.example";
  Receive(other);
  EXPECT_EQ(Now().state(), v1::Referral::STATE_SENT);
  EXPECT_EQ(Tasks("referral.read_mail"), "2");
  EXPECT_EQ(Count("referral.bounced_contacts"), "0");
}

}  // namespace
}  // namespace xxt::referral
