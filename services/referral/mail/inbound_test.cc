// Mail that comes in, against the real store: once each, whatever happens.

#include "services/referral/mail/inbound.h"

#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "common/calendar/shanghai_time.h"
#include "common/clock/clock.h"
#include "common/pg/pool.h"
#include "common/status/errors.h"
#include "common/status/macros.h"
#include "common/tasks/desk.h"
#include "common/testing/database.h"
#include "gtest/gtest.h"
#include "services/referral/body/body_world.h"
#include "services/referral/chase/asking_world.h"
#include "services/referral/chase/steps.h"
#include "services/referral/chase/verbs.h"
#include "services/referral/chase/work.h"
#include "services/referral/entry/entry.h"
#include "services/referral/mail/files.h"
#include "services/referral/mail/unmatched.h"
#include "services/referral/referrals/bounced.h"
#include "services/referral/referrals/referrals.h"
#include "xixinting/referral/v1/mail.pb.h"

namespace xxt::referral {
namespace {

namespace v1 = ::xixinting::referral::v1;

class MailIntake : public ::testing::Test {
 protected:
  MailIntake() {
    EXPECT_EQ(WriteBody(db_, "b", ArchiveWithMail("a@b.example")), absl::OkStatus());
    settings_.desk_hall = "halls/110102";
    EXPECT_EQ(Ask("b", v1::Referral::CONNECTOR_EMAIL), absl::OkStatus());
  }

  // Makes the referral that mail is about from now on.
  absl::Status Ask(const std::string& body, v1::Referral::Connector connector) {
    const auto request = AskingOf(body, connector);
    return As(officer_, [&](Tx& tx) { return chase::Create(intake_, tx, request, referral_); });
  }

  absl::Status As(const identity::Caller& caller, absl::FunctionRef<absl::Status(Tx&)> body) {
    const Circumstances of{.caller = caller,
                           .now = now_,
                           .deadline = SteadyTime::Now() + absl::Seconds(10),
                           .method = "test",
                           .keys = test::TestKeys()};
    return InTx(db_.pool(), of, body);
  }
  // As this service.
  void Change(absl::FunctionRef<absl::Status(Tx&)> body) { ASSERT_EQ(As(machine_, body), absl::OkStatus()); }

  void Receive(const InboundMail& mail) {
    Change([&](Tx& tx) { return mail::Receive(tx, test::TestKeys(), mail, settings_); });
  }
  // Of the attachment with this name, from `offset`; or why not.
  std::string Content(const std::string& name, std::int64_t offset = 0, std::int64_t limit = 1 << 20) {
    const std::pair<std::string, std::string> parts = absl::StrSplit(name, "/attachments/");
    std::string content;
    const absl::Status read = As(machine_, [&](Tx& tx) -> absl::Status {
      XXT_ASSIGN_OR_RETURN(
          content, mail::ReadFile(tx.session, test::TestKeys(), parts.first, std::stoi(parts.second), offset, limit));
      return absl::OkStatus();
    });
    return read.ok() ? content : errors::ReasonOf(read);
  }

  // What the ledger says of mails.
  std::vector<v1::Mail> Mails() {
    v1::ListEntriesRequest request;
    request.set_parent(referral_.name());
    v1::ListEntriesResponse response;
    Change([&](Tx& tx) {
      response.Clear();
      return tx.List(entry::kEntries, "of_referral", request, &response);
    });
    std::vector<v1::Mail> mails;
    for (const v1::Entry& entry : response.entries()) mails.push_back(entry.mail());
    return mails;
  }

  InboundMail Mail(std::int64_t uid) const {
    InboundMail mail;
    mail.mailbox = "hall@xxt.example";
    mail.uid_validity = 7;
    mail.uid = uid;
    mail.message_id = absl::StrCat("m", uid, "@b.example");
    mail.from_address = "a@b.example";
    mail.subject = absl::StrCat("Re: [", referral_.answer_code(), "]");
    mail.text = "档案在。";
    return mail;
  }

  static AttachedFile File(const std::string& name, const std::string& content) {
    AttachedFile file{{name, "application/octet-stream", static_cast<std::int64_t>(content.size()), "of " + content},
                      content};
    JudgeFile(0, &file);
    return file;
  }

  // A mail of ours to the body, as it is in the ledger once it was taken; its name.
  std::string Ours(v1::Mail::Direction direction = v1::Mail::DIRECTION_OUT,
                   const std::string& address = "a@b.example") {
    v1::Entry sent;
    Change([&](Tx& tx) -> absl::Status {
      XXT_RETURN_IF_ERROR(chase::LoadForChange(tx, referral_.name()).status());
      sent.Clear();
      sent.mutable_mail()->set_direction(direction);
      sent.mutable_mail()->set_address(address);
      entry::Add(tx, referral_.name(), sent);
      return absl::OkStatus();
    });
    return sent.name();
  }

  // What a server says of it.
  InboundMail Bounced(std::int64_t uid, const std::string& sent, bool permanent = true) const {
    InboundMail mail = Mail(uid);
    mail.subject = "Undelivered Mail Returned to Sender";
    mail.thread = {referrals::IdOf(sent) + "@xixinting.example"};
    mail.automatic = true;
    mail.bounce = Bounce{"A@b.example", permanent ? "5.1.1" : "4.4.1", permanent};
    return mail;
  }

  // Somebody has verified the address that this task is about.
  void Verify(const std::string& task) {
    const std::vector<tasks::DeskKind> kinds = {bounced::VerifyKind(host_)};
    const identity::HallScope desk = identity::HallScope::One(settings_.desk_hall);
    Change([&](Tx& tx) -> absl::Status {
      XXT_ASSIGN_OR_RETURN(const tasks::DeskLease lease, tasks::LeaseTask(tx.session, task, "staff/qu", desk, now_));
      const tasks::Completion completion{"VERIFIED", "", absl::InfinitePast(), "staff/qu", now_};
      return tasks::CompleteTask(tx.session, kinds, task, lease.token, desk, completion).status();
    });
  }

  // As if the mail had been taken.
  void MarkSent() { Move(Sent{}); }
  // As the chase decides of what happens.
  void Move(const Event& event) {
    Change([&](Tx& tx) -> absl::Status {
      XXT_ASSIGN_OR_RETURN(chase::Chased chased, chase::LoadForChange(tx, referral_.name()));
      XXT_RETURN_IF_ERROR(chase::Advance(tx, &chased, event));
      chase::Save(tx, &chased);
      return absl::OkStatus();
    });
  }
  void Withdraw() {
    v1::CancelReferralRequest request;
    request.set_name(referral_.name());
    request.set_reason("找到了");
    ASSERT_EQ(As(officer_, [&](Tx& tx) { return chase::Cancel(tx, request, referral_); }), absl::OkStatus());
  }
  // The one unmatched mail, with all that it says.
  v1::UnmatchedMail Unmatched() {
    const std::string name = "unmatchedMails/" + db_.Sql("SELECT id FROM referral.unmatched_mails");
    v1::UnmatchedMail found;
    Change([&](Tx& tx) { return tx.Get(mail::kUnmatchedMails, name, &found); });
    return found;
  }
  void FileWithReferral(const std::string& mail) {
    v1::FileUnmatchedMailRequest request;
    request.set_name(mail);
    request.set_referral(referral_.name());
    Change([&](Tx& tx) {
      v1::FileUnmatchedMailResponse response;
      return mail::FileUnmatched(test::TestKeys(), settings_, tx, request, response);
    });
  }
  // The referral as it is now.
  v1::Referral Now() {
    v1::Referral found;
    Change([&](Tx& tx) { return tx.Get(referrals::kReferrals, referral_.name(), &found); });
    return found;
  }

  std::string Count(const std::string& table) const { return db_.Sql("SELECT count(*) FROM " + table); }
  std::string Tasks(const std::string& kind) const {
    return db_.Sql("SELECT count(*) FROM backbone.task WHERE kind = '" + kind + "'");
  }

  const absl::Time now_ = calendar::AtTimeOfDay(absl::CivilDay(2026, 11, 23), 10, 0);
  const identity::Caller officer_{
      "staff/wang", "halls/110102016", {"officer"}, identity::HallScope::One("halls/110102016")};
  const identity::Caller machine_{"services/referral", "", {"service"}, identity::HallScope::All()};
  const ManualClock clock_{now_};
  const edge::Host host_{"referral", clock_, test::TestKeys()};
  test::Database db_{"referral"};
  mail::Settings settings_;
  ToldIntake intake_;
  v1::Referral referral_;
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
  EXPECT_EQ(Count("referral.mail_inbox"), "2");
}

TEST_F(MailIntake, MailsThatDifferInTheirFilesOnlyAreBothKept) {
  InboundMail mail = Mail(3);
  mail.files = {File("a.pdf", "one")};
  Receive(mail);
  mail.uid = 4;
  mail.files = {File("a.pdf", "other")};
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
  mail.files = {File("a.exe", "program"), File("a.pdf", "scan")};
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
  mail.files = {File("a.pdf", scan)};
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
  mail.files = {File("a.pdf", "scan")};
  Receive(mail);
  const v1::UnmatchedMail kept = Unmatched();
  EXPECT_EQ(Content(kept.attachments(0).name()), "scan");
  FileWithReferral(kept.name());
  const std::string filed = Mails().at(0).attachments(0).name();
  EXPECT_EQ(Content(filed), "scan");
  db_.Sql("UPDATE referral.referrals SET key = NULL");
  EXPECT_EQ(Content(filed), "RESOURCE_NOT_FOUND");
}

TEST_F(MailIntake, WhatAnUnmatchedMailSaysIsSealedAndGoesWithItToTheReferral) {
  InboundMail mail = Mail(3);
  mail.subject = "无主之信";
  mail.text = "赵师傅说档案在二层";
  mail.files = {File("身份证.pdf", "scan")};
  Receive(mail);
  const auto stands = [this](const char* word) {
    return db_.Sql(absl::StrCat("SELECT position('", word,
                                "'::bytea IN message || coalesce(sealed, '')) > 0 FROM referral.unmatched_mails"));
  };
  for (const char* word : {"无主之信", "赵师傅", "身份证", "a@b.example"}) EXPECT_EQ(stands(word), "f") << word;
  const v1::UnmatchedMail kept = Unmatched();
  EXPECT_THAT(kept, test::Partially("state: STATE_OPEN subject: '无主之信' text: '赵师傅说档案在二层' "
                                    "from_address: 'a@b.example' attachments { file_name: '身份证.pdf' }"));
  FileWithReferral(kept.name());
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
  v1::FileUnmatchedMailRequest request;
  request.set_name(Unmatched().name());
  request.set_referral(referral_.name());
  const auto filed_by = [&](const identity::Caller& caller) {
    return As(caller, [&](Tx& tx) {
      v1::FileUnmatchedMailResponse response;
      return mail::FileUnmatched(test::TestKeys(), settings_, tx, request, response);
    });
  };
  EXPECT_EQ(errors::ReasonOf(filed_by(officer_)), "OTHER_HALL");
  EXPECT_EQ(Count("referral.entries"), "0");
  const identity::Caller keeper{
      "staff/qian", settings_.desk_hall, {"officer"}, identity::HallScope::One(settings_.desk_hall)};
  EXPECT_EQ(filed_by(keeper), absl::OkStatus());
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
  v1::FileUnmatchedMailRequest request;
  request.set_name(Unmatched().name());
  request.set_referral(referral_.name());
  damage_or_mend();
  EXPECT_EQ(errors::ReasonOf(As(machine_,
                                [&](Tx& tx) {
                                  v1::FileUnmatchedMailResponse response;
                                  return mail::FileUnmatched(test::TestKeys(), settings_, tx, request, response);
                                })),
            "INTERNAL");
  EXPECT_EQ(Count("referral.entries"), "0");
  EXPECT_EQ(Tasks("referral.unmatched_mail"), "1");
  damage_or_mend();
  FileWithReferral(request.name());
  EXPECT_EQ(Mails().at(0).text(), "档案在。");
}

TEST_F(MailIntake, AMailAboutSomebodyWhoseDataAreErasedIsForPeopleToFile) {
  db_.Sql("UPDATE referral.referrals SET key = NULL");
  Receive(Mail(3));
  EXPECT_EQ(Count("referral.entries"), "0");
  EXPECT_EQ(Unmatched().text(), "档案在。");
  EXPECT_EQ(Tasks("referral.unmatched_mail"), "1");
}

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
  const std::vector<tasks::DeskKind> kinds = chase::DeskKinds(host_, patience);
  Change([&](Tx& tx) -> absl::Status {
    XXT_ASSIGN_OR_RETURN(const tasks::DeskLease lease,
                         tasks::LeaseTask(tx.session, call, "staff/wang", officer_.halls, now_));
    const tasks::Completion completion{"NO_ANSWER", "", absl::InfinitePast(), "staff/wang", now_};
    return tasks::CompleteTask(tx.session, kinds, call, lease.token, officer_.halls, completion).status();
  });
  EXPECT_EQ(Count("referral.entries"), "1");
  EXPECT_EQ(Tasks("referral.carry"), "1");
}

TEST_F(MailIntake, AnUnmatchedMailWhoseDataAreErasedIsSetAsideWithoutAWordWhy) {
  InboundMail mail = Mail(3);
  mail.subject = "无主之信";
  Receive(mail);
  db_.Sql("UPDATE referral.unmatched_mails SET key = NULL");
  v1::FileUnmatchedMailRequest request;
  request.set_name(Unmatched().name());
  request.set_set_aside_reason("广告");
  Change([&](Tx& tx) {
    v1::FileUnmatchedMailResponse response;
    return mail::FileUnmatched(test::TestKeys(), settings_, tx, request, response);
  });
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
