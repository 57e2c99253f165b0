// Mail that comes in, against the real store: once each with its files, whatever happens.

#include "services/referral/mail/inbound.h"

#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/pg/pool.h"
#include "gtest/gtest.h"
#include "services/referral/mail/inbound_world.h"

namespace xxt::referral {
namespace {

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
  EXPECT_EQ(Count("referral.mail_inbox"), "2");
}

TEST_F(MailIntake, MailsThatDifferInTheirFilesOnlyAreBothKept) {
  InboundMail mail = Mail(3);
  mail.files = {FileOf("a.pdf", "one")};
  Receive(mail);
  mail.uid = 4;
  mail.files = {FileOf("a.pdf", "other")};
  Receive(mail);
  EXPECT_EQ(Count("referral.entries"), "2");
  const std::vector<v1::Mail> mails = Mails();
  ASSERT_EQ(mails.size(), 2);
  EXPECT_EQ(Content(mails[0].attachments(0).name()), "one");
  EXPECT_EQ(Content(mails[1].attachments(0).name()), "other");
  EXPECT_EQ(db_.Sql("SELECT bool_or(position('other'::bytea IN sealed) > 0) FROM referral.attachments"), "f");
}

TEST_F(MailIntake, WhatIsNotKeptOfAMailIsListed) {
  InboundMail mail = Mail(3);
  mail.files = {FileOf("a.exe", "program"), FileOf("a.pdf", "scan")};
  Receive(mail);
  const std::vector<v1::Mail> mails = Mails();
  ASSERT_EQ(mails.size(), 1);
  EXPECT_THAT(mails[0], test::Partially("attachments { file_name: 'a.exe' state: STATE_TYPE_REFUSED } "
                                        "attachments { file_name: 'a.pdf' state: STATE_KEPT }"));
  EXPECT_EQ(db_.Sql("SELECT string_agg(number::text, ' ') FROM referral.attachments"), "2");
  EXPECT_EQ(Content(mails[0].attachments(1).name()), "scan");
}

TEST_F(MailIntake, AFileOfSeveralPartsIsReadFromAnyPlace) {
  std::string scan;
  for (int i = 0; i < 90'000; ++i) absl::StrAppend(&scan, i, "\n");
  InboundMail mail = Mail(3);
  mail.files = {FileOf("a.pdf", scan)};
  Receive(mail);
  const std::string name = Mails().at(0).attachments(0).name();
  EXPECT_EQ(db_.Sql("SELECT count(*) FROM referral.attachments"), "3");
  EXPECT_EQ(Content(name), scan);
  for (const std::int64_t offset : {mail::kPart - 3, mail::kPart, 2 * mail::kPart - 1}) {
    EXPECT_EQ(Content(name, offset, 7), scan.substr(static_cast<std::size_t>(offset), 7)) << offset;
  }
  EXPECT_EQ(Content(name, static_cast<std::int64_t>(scan.size())), "");
  EXPECT_EQ(Content(name, 10 * mail::kPart), "");
}

TEST_F(MailIntake, FilesGoWithTheMailToTheReferralThatItIsFiledWith) {
  InboundMail mail = Mail(3);
  mail.subject = "你好";
  mail.files = {FileOf("a.pdf", "scan")};
  Receive(mail);
  const v1::UnmatchedMail kept = Unmatched();
  EXPECT_EQ(Content(kept.attachments(0).name()), "scan");
  ASSERT_EQ(File(machine_), absl::OkStatus());
  const std::string filed = Mails().at(0).attachments(0).name();
  EXPECT_EQ(Content(filed), "scan");
  db_.Sql("UPDATE referral.referrals SET key = NULL");
  EXPECT_EQ(Content(filed), "RESOURCE_NOT_FOUND");
}

TEST_F(MailIntake, TwoMailsThatShareAMessageIdAreBothKept) {
  Receive(Mail(3));
  InboundMail other = Mail(4);
  other.message_id = Mail(3).message_id;
  other.text = "更正：档案在二层。";
  Receive(other);
  EXPECT_EQ(Count("referral.entries"), "2");
}

// Who has no Message-ID is told from its twins by its place among them.
TEST_F(MailIntake, EqualMailsWithoutAMessageIdThatTwoReadersTakeAtOnceAreBothKept) {
  InboundMail first = Mail(5);
  first.message_id = "";
  InboundMail second = first;
  second.uid = 6;
  std::thread other;
  Change([&](Tx& tx) -> absl::Status {
    XXT_RETURN_IF_ERROR(mail::Receive(tx, test::TestKeys(), first, settings_));
    other = std::thread([&] { Receive(second); });
    const absl::Time deadline = absl::Now() + absl::Seconds(30);
    const char* const waits =
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'advisory' AND datname = current_database()";
    while (db_.Sql(waits) == "0" && absl::Now() < deadline) absl::SleepFor(absl::Milliseconds(5));
    return absl::OkStatus();
  });
  other.join();
  EXPECT_EQ(Count("referral.entries"), "2");
  Receive(second);
  EXPECT_EQ(Count("referral.entries"), "2");
}

TEST_F(MailIntake, AMailWithoutCodeIsFoundByItsThread) {
  const std::string sent = Ours();
  InboundMail mail = Mail(3);
  mail.subject = "答复";
  mail.thread = {"other@b.example", referrals::IdOf(sent) + "@xixinting.example"};
  Receive(mail);
  EXPECT_EQ(Count("referral.entries"), "2");
  EXPECT_EQ(Tasks("referral.read_mail"), "1");
}

TEST_F(MailIntake, AMailThatOnlyEmbedsOursIsFoundByIt) {
  InboundMail mail = Mail(3);
  mail.embedded_subjects = {"", mail.subject};
  mail.subject = "转发";
  Receive(mail);
  EXPECT_EQ(Tasks("referral.read_mail"), "1");
}

TEST_F(MailIntake, MailOlderThanTheServiceIsFiledIfItNamesAReferralAndElseNobodysTask) {
  InboundMail mail = Mail(3);
  mail.history = true;
  Receive(mail);
  EXPECT_EQ(Tasks("referral.read_mail"), "1");
  mail.uid = 4;
  mail.subject = "旧信";
  Receive(mail);
  EXPECT_EQ(Count("referral.unmatched_mails"), "0");
}

TEST_F(MailIntake, TheLedgerCannotBeChanged) {
  Receive(Mail(3));
  constexpr pg::Statement kForge{"test.forge", "UPDATE referral.entries SET message = ''"};
  const absl::Status status = pg::InTransaction(db_.pool(), absl::Now() + absl::Seconds(10),
                                                [&](pg::Session& session) { return session.Run(kForge).status(); });
  EXPECT_FALSE(status.ok());
}

}  // namespace
}  // namespace xxt::referral
