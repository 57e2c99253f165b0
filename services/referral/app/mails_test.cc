// Mail that comes in, against the real store: once each, whatever happens.

#include "services/referral/app/mails.h"

#include <optional>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/calendar/shanghai_time.h"
#include "common/identifiers/uuid.h"
#include "common/pg/pool.h"
#include "common/status/macros.h"
#include "common/tasks/desk.h"
#include "common/testing/database.h"
#include "gtest/gtest.h"
#include "services/referral/app/desk_tasks.h"
#include "services/referral/app/referrals.h"
#include "services/referral/body/body_world.h"
#include "services/referral/storage/entry_store.h"

namespace xxt::referral {
namespace {

class MailIntake : public ::testing::Test {
 protected:
  MailIntake() {
    EXPECT_EQ(WriteBody(db_, "b", ArchiveWithMail("a@b.example")), absl::OkStatus());
    settings_.desk_hall = "halls/110102";
    Ask(Connector::kEmail);
  }

  // Makes the referral that mail is about from now on.
  void Ask(Connector connector) {
    Referral input;
    input.case_id = identifiers::NewUuid(now_);
    input.hall = "halls/110102016";
    input.body_id = "b";
    input.connector = connector;
    Change([&](pg::Session& session) -> absl::Status {
      XXT_ASSIGN_OR_RETURN(referral_, Create(session, input));
      return absl::OkStatus();
    });
  }

  absl::StatusOr<Referral> Create(pg::Session& session, const Referral& input) {
    return app::CreateReferral(session, officer_, test::TestKeys(), input, {input.hall, true, {}}, now_);
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

  static AttachedFile File(const std::string& name, const std::string& content) {
    AttachedFile file{{name, "application/octet-stream", static_cast<std::int64_t>(content.size()), "of " + content},
                      content};
    JudgeFile(0, &file);
    return file;
  }

  // A mail of ours to the body, as it is in the ledger once it was taken.
  Entry Sent(referral::Mail::Direction direction = referral::Mail::Direction::kOut,
             const std::string& address = "a@b.example") {
    Entry sent;
    sent.id = identifiers::NewUuid(now_);
    sent.referral_id = referral_.id;
    referral::Mail mail;
    mail.direction = direction;
    mail.address = address;
    sent.content = mail;
    sent.author = "services/referral";
    sent.occur_time = sent.record_time = now_;
    Change([&](pg::Session& session) {
      entry_store::Insert(session, sent);
      return absl::OkStatus();
    });
    return sent;
  }

  // What a server says of it.
  InboundMail Bounced(std::int64_t uid, const Entry& sent, bool permanent = true) const {
    InboundMail mail = Mail(uid);
    mail.subject = "Undelivered Mail Returned to Sender";
    mail.thread = {sent.id + "@xixinting.example"};
    mail.automatic = true;
    mail.bounce = Bounce{"A@b.example", permanent ? "5.1.1" : "4.4.1", permanent};
    return mail;
  }

  // Somebody has verified the address that this task is about.
  void Verify(const std::string& task) {
    const std::vector<tasks::DeskKind> kinds = app::DeskKinds(settings_);
    const identity::HallScope desk = identity::HallScope::One(settings_.desk_hall);
    Change([&](pg::Session& session) -> absl::Status {
      XXT_ASSIGN_OR_RETURN(const tasks::DeskLease lease, tasks::LeaseTask(session, task, "staff/qu", desk, now_));
      const tasks::Completion completion{"VERIFIED", "", absl::InfinitePast(), "staff/qu", now_};
      return tasks::CompleteTask(session, kinds, task, lease.token, desk, completion).status();
    });
  }

  // As if the mail had been taken.
  void MarkSent() {
    db_.Sql("UPDATE referral.referrals SET state = 'SENT', doc = jsonb_set(doc, '{chase,sent_time}', '1')");
  }
  std::string Column(const std::string& column) const {
    return db_.Sql("SELECT " + column + " FROM referral.referrals");
  }

  std::string Count(const std::string& table) const { return db_.Sql("SELECT count(*) FROM " + table); }
  std::string Tasks(const std::string& kind) const {
    return db_.Sql("SELECT count(*) FROM backbone.task WHERE kind = '" + kind + "'");
  }

  const absl::Time now_ = calendar::AtTimeOfDay(absl::CivilDay(2026, 11, 23), 10, 0);
  const identity::Caller officer_{
      "staff/wang", "halls/110102016", {"officer"}, identity::HallScope::One("halls/110102016")};
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
  EXPECT_EQ(db_.Sql("SELECT string_agg(convert_from(content, 'UTF8'), ' ' ORDER BY content) FROM referral.attachments"),
            "one other");
}

TEST_F(MailIntake, WhatIsNotKeptOfAMailIsListed) {
  InboundMail mail = Mail(3);
  mail.files = {File("a.exe", "program"), File("a.pdf", "scan")};
  Receive(mail);
  EXPECT_EQ(db_.Sql("SELECT string_agg(number || ':' || convert_from(content, 'UTF8'), ' ') FROM referral.attachments"),
            "2:scan");
  EXPECT_EQ(db_.Sql("SELECT jsonb_path_query_array(doc, '$.attachments[*].state')::text FROM referral.entries"),
            R"(["TYPE_REFUSED", "KEPT"])");
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
  Change([&](pg::Session& session) -> absl::Status {
    XXT_RETURN_IF_ERROR(app::ReceiveMail(session, first, settings_, now_));
    other = std::thread([&] { Receive(second); });
    const absl::Time deadline = absl::Now() + absl::Seconds(30);
    const char* const waits =
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'transactionid' AND datname = current_database()";
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
  const Entry sent = Sent();
  InboundMail mail = Mail(3);
  mail.subject = "答复";
  mail.thread = {"other@b.example", sent.id + "@xixinting.example"};
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
  const Entry sent = Sent();
  MarkSent();
  Receive(Bounced(3, sent));
  // A person asks instead, and the directory's keepers verify the address.
  EXPECT_EQ(Column("state"), "QUEUED");
  EXPECT_EQ(Column("doc ->> 'connector'"), "STAFF");
  EXPECT_EQ(Tasks("referral.carry"), "1");
  EXPECT_EQ(db_.Sql("SELECT hall || ' ' || subject FROM backbone.task WHERE kind = 'referral.verify_contact'"),
            "halls/110102 bodies/b");
  EXPECT_EQ(db_.Sql("SELECT doc ->> 'bounced_mail' FROM referral.entries WHERE doc ? 'bounced_mail'"), sent.name());
  // Nor is the next person's errand sent there.
  Change([&](pg::Session& session) -> absl::Status {
    EXPECT_EQ(Create(session, referral_).status().code(), absl::StatusCode::kInvalidArgument);
    return absl::OkStatus();
  });
}

TEST_F(MailIntake, AVerifiedAddressIsNotTheOneThatBouncedSince) {
  Receive(Bounced(3, Sent()));
  const std::string old = db_.Sql("SELECT id FROM backbone.task WHERE kind = 'referral.verify_contact'");
  ASSERT_EQ(WriteBody(db_, "b", ArchiveWithMail("c@b.example")), absl::OkStatus());
  InboundMail bounce = Bounced(4, Sent(referral::Mail::Direction::kOut, "c@b.example"));
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
  Referral input;
  input.case_id = identifiers::NewUuid(now_);
  input.hall = "halls/110102016";
  input.body_id = "c";
  Change([&](pg::Session& session) {
    return app::CreateReferral(session, officer_, input, {input.hall, true, {}}, now_).status();
  });
  EXPECT_EQ(db_.Sql("SELECT summary FROM backbone.task WHERE kind = 'referral.carry'"), "联系机械厂 留守处，办理协查");
}

TEST_F(MailIntake, TheBounceOfAnEndedReferralIsVerifiedToo) {
  const Entry sent = Sent();
  MarkSent();
  Change([&](pg::Session& session) {
    return app::CancelReferral(session, officer_, referral_.id, "找到了", "", now_).status();
  });
  Receive(Bounced(3, sent));
  EXPECT_EQ(Column("state"), "CANCELLED");
  EXPECT_EQ(Count("referral.bounced_contacts"), "1");
  EXPECT_EQ(Tasks("referral.verify_contact"), "1");
}

TEST_F(MailIntake, AnAnswerThatComesAfterTheWithdrawalLeavesTheCallThatTellsOfIt) {
  Ask(Connector::kStaff);
  Change([&](pg::Session& session) {
    return app::CreateEntry(session, officer_, referral_.id, Attempt{}, std::nullopt, now_).status();  // REACHED
  });
  Change([&](pg::Session& session) {
    return app::CancelReferral(session, officer_, referral_.id, "找到了", "", now_).status();
  });
  const std::string withdrawal = "SELECT count(*) FROM backbone.task WHERE kind = 'referral.carry' AND subject = '" +
                                 referral_.name() + "' AND summary LIKE '%协查已撤回%'";
  ASSERT_EQ(db_.Sql(withdrawal), "1");
  Receive(Mail(3));
  Reply reply;
  reply.kind = Reply::Kind::kAnswered;
  reply.channel = Channel::kEmail;
  reply.mail =
      referral_.name() + "/entries/" + db_.Sql("SELECT id FROM referral.entries WHERE doc ->> 'direction' = 'IN'");
  Change([&](pg::Session& session) {
    return app::RecordReply(session, officer_, referral_.id, reply, "", now_).status();
  });
  EXPECT_EQ(Tasks("referral.read_mail"), "0");
  EXPECT_EQ(db_.Sql(withdrawal), "1");
}

TEST_F(MailIntake, ABouncedReminderLeavesTheReferralWithTheBody) {
  const Entry reminder = Sent(referral::Mail::Direction::kReminder);
  db_.Sql("UPDATE referral.referrals SET state = 'ACCEPTED'");
  Receive(Bounced(3, reminder));
  EXPECT_EQ(Column("state"), "ACCEPTED");
  EXPECT_EQ(Tasks("referral.carry"), "1");
}

TEST_F(MailIntake, ADelayOrTheBounceOfAnotherAddressIsOnlyRead) {
  const Entry sent = Sent();
  MarkSent();
  Receive(Bounced(3, sent, false));
  InboundMail other = Bounced(4, sent);
  other.bounce->recipient = "copy@c.example";
  Receive(other);
  EXPECT_EQ(Column("state"), "SENT");
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
  constexpr pg::Statement kForge{"test.forge", "UPDATE referral.entries SET author = 'x'"};
  const absl::Status status = pg::InTransaction(db_.pool(), absl::Now() + absl::Seconds(10),
                                                [&](pg::Session& session) { return session.Run(kForge).status(); });
  EXPECT_FALSE(status.ok());
}

}  // namespace
}  // namespace xxt::referral
