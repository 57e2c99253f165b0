// Mail that fits no referral, against the real store: it is kept for people, who file it.

#include "services/referral/mail/unmatched.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "common/status/errors.h"
#include "gtest/gtest.h"
#include "services/referral/mail/inbound_world.h"

namespace xxt::referral {
namespace {

TEST_F(MailIntake, WhatAnUnmatchedMailSaysIsSealedAndGoesWithItToTheReferral) {
  InboundMail mail = Mail(3);
  mail.subject = "无主之信";
  mail.text = "赵师傅说档案在二层";
  mail.files = {FileOf("身份证.pdf", "scan")};
  Receive(mail);
  const auto stands = [this](const char* word) {
    return db_.Sql(absl::StrCat("SELECT position('", word,
                                "'::bytea IN message || coalesce(sealed, '')) > 0 FROM referral.unmatched_mails"));
  };
  for (const char* word : {"无主之信", "赵师傅", "身份证", "a@b.example"}) EXPECT_EQ(stands(word), "f") << word;
  const v1::UnmatchedMail kept = Unmatched();
  EXPECT_THAT(kept, test::Partially("state: STATE_OPEN subject: '无主之信' text: '赵师傅说档案在二层' "
                                    "from_address: 'a@b.example' attachments { file_name: '身份证.pdf' }"));
  ASSERT_EQ(File(machine_), absl::OkStatus());
  EXPECT_THAT(Mails().at(0), test::Partially("subject: '无主之信' text: '赵师傅说档案在二层' address: 'a@b.example' "
                                             "attachments { file_name: '身份证.pdf' }"));
  const v1::UnmatchedMail filed = Unmatched();
  EXPECT_EQ(filed.text() + filed.subject() + filed.from_address(), "");
  EXPECT_EQ(filed.attachments_size(), 0);
  EXPECT_THAT(filed, test::Partially(absl::StrCat("state: STATE_FILED filer: 'services/referral' referral: '",
                                                  referral_.name(), "'")));
  EXPECT_EQ(db_.Sql("SELECT sealed IS NULL FROM referral.unmatched_mails"), "t");
}

TEST_F(MailIntake, WhoKeepsTheMailboxFilesAMailWithAReferralOfAnyHallAndNobodyElseDoes) {
  InboundMail mail = Mail(3);
  mail.subject = "无主之信";
  Receive(mail);
  EXPECT_EQ(errors::ReasonOf(File(officer_)), "OTHER_HALL");
  EXPECT_EQ(Count("referral.entries"), "0");
  const identity::Caller keeper{
      "staff/qian", settings_.desk_hall, {"officer"}, identity::HallScope::One(settings_.desk_hall)};
  EXPECT_EQ(File(keeper), absl::OkStatus());
  EXPECT_EQ(Mails().at(0).text(), "档案在。");
  EXPECT_EQ(Unmatched().filer(), "staff/qian");
  EXPECT_EQ(Tasks("referral.unmatched_mail") + Tasks("referral.read_mail"), "01");
}

TEST_F(MailIntake, AnUnmatchedMailThatDoesNotOpenNowIsFiledOnceItDoes) {
  InboundMail mail = Mail(3);
  mail.subject = "无主之信";
  Receive(mail);
  const auto damage_or_mend = [this] {
    db_.Sql("UPDATE referral.unmatched_mails SET sealed = set_byte(sealed, 40, get_byte(sealed, 40) # 1)");
  };
  damage_or_mend();
  EXPECT_EQ(errors::ReasonOf(File(machine_)), "INTERNAL");
  EXPECT_EQ(Count("referral.entries"), "0");
  EXPECT_EQ(Tasks("referral.unmatched_mail"), "1");
  damage_or_mend();
  ASSERT_EQ(File(machine_), absl::OkStatus());
  EXPECT_EQ(Mails().at(0).text(), "档案在。");
}

TEST_F(MailIntake, AMailAboutSomebodyWhoseDataAreErasedIsForPeopleToFile) {
  db_.Sql("UPDATE referral.referrals SET key = NULL");
  Receive(Mail(3));
  EXPECT_EQ(Count("referral.entries"), "0");
  EXPECT_EQ(Unmatched().text(), "档案在。");
  EXPECT_EQ(Tasks("referral.unmatched_mail"), "1");
}

TEST_F(MailIntake, AnUnmatchedMailWhoseDataAreErasedIsSetAsideWithoutAWordWhy) {
  InboundMail mail = Mail(3);
  mail.subject = "无主之信";
  Receive(mail);
  db_.Sql("UPDATE referral.unmatched_mails SET key = NULL");
  ASSERT_EQ(File(machine_, "广告"), absl::OkStatus());
  EXPECT_EQ(Unmatched().state(), v1::UnmatchedMail::STATE_SET_ASIDE);
  EXPECT_EQ(Unmatched().set_aside_reason(), "");
  EXPECT_EQ(Tasks("referral.unmatched_mail"), "0");
}

TEST_F(MailIntake, AMailThatIsReadAfterAllIsStoredThoughTheDataOfTheNoteOfItAreErased) {
  db_.Sql("INSERT INTO referral.mail_pending (mailbox, uid_validity, uid) VALUES ('hall@xxt.example', 7, 3)");
  Change([&](Tx& tx) {
    mail::TellOfUnread(tx, Mail(3), settings_);
    return absl::OkStatus();
  });
  db_.Sql("UPDATE referral.unmatched_mails SET key = NULL");
  Receive(Mail(3));
  EXPECT_EQ(Mails().size(), 1);
  EXPECT_EQ(Unmatched().state(), v1::UnmatchedMail::STATE_SET_ASIDE);
}

TEST_F(MailIntake, OfAMailThatTheStoreRefusesAPersonIsToldWhereItIs) {
  InboundMail mail = Mail(3);
  mail.text = "\xff\xfe";
  const absl::Status refused =
      As(machine_, [&](Tx& tx) { return mail::Receive(tx, test::TestKeys(), mail, settings_); });
  EXPECT_EQ(refused.code(), absl::StatusCode::kInternal) << refused;
  Receive(Unreadable(mail));
  EXPECT_EQ(Unmatched().text(), "这封来信无法读取，请到信箱 hall@xxt.example 中查看（UID 3）。");
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

}  // namespace
}  // namespace xxt::referral
