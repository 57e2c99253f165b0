// Mail that comes in, against the real store: once each, whatever happens.

#include "services/referral/app/mails.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/calendar/shanghai_time.h"
#include "common/identifiers/uuid.h"
#include "common/pg/pool.h"
#include "common/status/macros.h"
#include "common/testing/database.h"
#include "gtest/gtest.h"
#include "services/referral/app/referrals.h"
#include "services/referral/storage/entry_store.h"
#include "services/referral/storage/mail_store.h"

namespace xxt::referral {
namespace {

class MailIntake : public ::testing::Test {
 protected:
  MailIntake() {
    db_.Sql(R"sql(INSERT INTO referral.bodies (id, title, kind, doc) VALUES ('b', '档案馆', 'BUREAU',
      '{"units": [{"id": "u", "title": "科", "contact_points": [{"channel": "EMAIL", "address": "a@b.example"}]}]}'))sql");
    settings_.desk_hall = "halls/110102";
    Referral input;
    input.case_id = identifiers::NewUuid(now_);
    input.hall = "halls/110102016";
    input.body_id = "b";
    input.connector = Connector::kEmail;
    const identity::Caller caller{"staff/wang", input.hall, {"officer"}, identity::HallScope::One(input.hall)};
    Change([&](pg::Session& session) -> absl::Status {
      XXT_ASSIGN_OR_RETURN(referral_, app::CreateReferral(session, caller, input, now_));
      return absl::OkStatus();
    });
  }

  void Change(absl::FunctionRef<absl::Status(pg::Session&)> body) {
    const absl::Status status = pg::InTransaction(db_.pool(), absl::Now() + absl::Seconds(10), body);
    ASSERT_TRUE(status.ok()) << status;
  }

  void Receive(const InboundMail& mail) {
    Change([&](pg::Session& session) { return app::ReceiveMail(session, mail, settings_, now_); });
  }

  InboundMail Mail(std::int64_t uid) const {
    InboundMail mail;
    mail.mailbox = "hall@xxt.example";
    mail.uid_validity = 7;
    mail.uid = uid;
    mail.message_id = absl::StrCat("m", uid, "@b.example");
    mail.from_address = "a@b.example";
    mail.subject = absl::StrCat("Re: [", referral_.answer_code, "]");
    mail.text = "档案在。";
    return mail;
  }

  std::string Count(const std::string& table) const { return db_.Sql("SELECT count(*) FROM " + table); }
  std::string Tasks(const std::string& kind) const {
    return db_.Sql("SELECT count(*) FROM backbone.task WHERE kind = '" + kind + "'");
  }

  const absl::Time now_ = calendar::AtTimeOfDay(absl::CivilDay(2026, 11, 23), 10, 0);
  test::Database db_{"referral"};
  app::Settings settings_;
  Referral referral_;
};

TEST_F(MailIntake, TheSameMailTwiceIsOneEntryAndOneTask) {
  Receive(Mail(3));
  Receive(Mail(3));
  EXPECT_EQ(Count("referral.entries"), "1");
  EXPECT_EQ(Tasks("referral.read_mail"), "1");
}

TEST_F(MailIntake, AMailFoundAgainUnderAnotherUidIsPassedOver) {
  Receive(Mail(3));
  InboundMail again = Mail(3);
  again.uid_validity = 8;
  again.uid = 1;
  Receive(again);
  EXPECT_EQ(Count("referral.entries"), "1");
  // But not looked at for ever.
  Change([&](pg::Session& session) -> absl::Status {
    XXT_ASSIGN_OR_RETURN(const std::int64_t last, mail_store::LastUid(session, "hall@xxt.example", 8));
    EXPECT_EQ(last, 1);
    return absl::OkStatus();
  });
}

TEST_F(MailIntake, TwoMailsThatShareAMessageIdAreBothKept) {
  Receive(Mail(3));
  InboundMail other = Mail(4);
  other.message_id = Mail(3).message_id;
  other.text = "更正：档案在二层。";
  Receive(other);
  EXPECT_EQ(Count("referral.entries"), "2");
}

TEST_F(MailIntake, OfAMailThatTheStoreRefusesAPersonIsToldWhereItIs) {
  InboundMail mail = Mail(3);
  mail.text = "\xff\xfe";
  const absl::Status refused =
      pg::InTransaction(db_.pool(), absl::Now() + absl::Seconds(10),
                        [&](pg::Session& session) { return app::ReceiveMail(session, mail, settings_, now_); });
  EXPECT_EQ(refused.code(), absl::StatusCode::kInternal) << refused;
  Receive(Unreadable(mail));
  EXPECT_EQ(db_.Sql("SELECT text FROM referral.unmatched_mails"),
            "这封来信无法读取，请到信箱 hall@xxt.example 中查看（UID 3）。");
  EXPECT_EQ(Tasks("referral.unmatched_mail"), "1");
}

TEST_F(MailIntake, AMailWithoutCodeGoesToTheDistrictDesk) {
  InboundMail mail = Mail(3);
  mail.subject = "你好";
  Receive(mail);
  EXPECT_EQ(Count("referral.entries"), "0");
  EXPECT_EQ(Count("referral.unmatched_mails"), "1");
  EXPECT_EQ(db_.Sql("SELECT hall FROM backbone.task WHERE kind = 'referral.unmatched_mail'"), "halls/110102");
  Receive(mail);
  EXPECT_EQ(Count("referral.unmatched_mails"), "1");
}

TEST_F(MailIntake, ACodeOfNobodyIsUnmatched) {
  InboundMail mail = Mail(3);
  mail.subject =
      "[XXT-00000000"
      "0]";
  Receive(mail);
  EXPECT_EQ(Count("referral.unmatched_mails"), "1");
}

TEST_F(MailIntake, AMailWithoutCodeIsFoundByItsThread) {
  Entry sent;
  sent.id = identifiers::NewUuid(now_);
  sent.referral_id = referral_.id;
  sent.content = referral::Mail{};
  sent.author = "services/referral";
  sent.occur_time = sent.record_time = now_;
  Change([&](pg::Session& session) {
    entry_store::Insert(session, sent);
    return absl::OkStatus();
  });
  InboundMail mail = Mail(3);
  mail.subject = "答复";
  mail.thread = {"other@b.example", sent.id + "@xixinting.example"};
  Receive(mail);
  EXPECT_EQ(Count("referral.entries"), "2");
  EXPECT_EQ(Tasks("referral.read_mail"), "1");
}

TEST_F(MailIntake, ThePlaceToGoOnIsTheHighestUid) {
  Receive(Mail(3));
  Receive(Mail(9));
  Change([&](pg::Session& session) -> absl::Status {
    XXT_ASSIGN_OR_RETURN(const std::int64_t last, mail_store::LastUid(session, "hall@xxt.example", 7));
    EXPECT_EQ(last, 9);
    XXT_ASSIGN_OR_RETURN(const std::int64_t other, mail_store::LastUid(session, "hall@xxt.example", 8));
    EXPECT_EQ(other, 0);
    return absl::OkStatus();
  });
}

TEST_F(MailIntake, TheLedgerCannotBeChanged) {
  Receive(Mail(3));
  constexpr pg::Statement kForge{"test.forge", "UPDATE referral.entries SET author = 'x'"};
  const absl::Status status = pg::InTransaction(db_.pool(), absl::Now() + absl::Seconds(10),
                                                [&](pg::Session& session) { return session.Run(kForge).status(); });
  EXPECT_FALSE(status.ok());
}

}  // namespace
}  // namespace xxt::referral
