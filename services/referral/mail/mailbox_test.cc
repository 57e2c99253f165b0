// The mailbox, from a mail server that speaks IMAP into the real store: nothing
// is dropped, and nothing waits for the mail before it.

#include "services/referral/mail/mailbox.h"

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "common/clock/clock.h"
#include "common/identifiers/uuid.h"
#include "common/pg/pool.h"
#include "common/status/macros.h"
#include "common/testing/database.h"
#include "common/testing/keys.h"
#include "common/testing/protos.h"
#include "common/testing/scratch_dir.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/referral/mail/mail_fetcher.h"
#include "services/referral/mail/unmatched.h"
#include "tests/contract/referral/mail_server.h"

namespace xxt::referral {
namespace {

namespace v1 = ::xixinting::referral::v1;
using test::Partially;
using ::testing::ElementsAre;

class Mailbox : public ::testing::Test {
 protected:
  Mailbox() {
    settings_.desk_hall = "halls/110102";
    config_.search_at_once = 2;
    StartAnew();
  }

  // As a service that starts does.
  void StartAnew() {
    store_ = mail::StoreOf(mailbox_);
    fetcher_ = std::make_unique<MailFetcher>(config_, store_);
  }

  // Whether the look went to its end.
  bool Look() { return fetcher_->FetchOnce().ok(); }

  void Deliver(const std::string& subject, const std::string& more_headers = "") const {
    server_.DeliverRaw(absl::StrCat("From: a@b.example\r\nSubject: ", subject, "\r\n", more_headers, "\r\nwords\r\n"));
  }

  std::string Count(const std::string& from) const { return db_.Sql("SELECT count(*) FROM " + from); }
  // The mails that match nothing, as they came.
  std::vector<v1::UnmatchedMail> Unmatched() {
    std::vector<v1::UnmatchedMail> mails;
    const std::string ids = db_.Sql("SELECT string_agg(id::text, ' ' ORDER BY id) FROM referral.unmatched_mails");
    for (const std::string& id : std::vector<std::string>(absl::StrSplit(ids, ' ', absl::SkipEmpty()))) {
      const absl::Status read = edge::ReadAsService(
          host_, db_.pool(), SteadyTime::Now() + absl::Seconds(10),
          [&](Tx& tx) { return tx.Get(mail::kUnmatchedMails, "unmatchedMails/" + id, &mails.emplace_back()); });
      EXPECT_EQ(read, absl::OkStatus());
    }
    return mails;
  }
  std::string Subjects() {
    return absl::StrJoin(Unmatched(), " ",
                         [](std::string* out, const v1::UnmatchedMail& mail) { absl::StrAppend(out, mail.subject()); });
  }
  // How many of them say this in their subject.
  int CountOf(const std::string& subject) {
    const std::vector<v1::UnmatchedMail> mails = Unmatched();
    return static_cast<int>(std::count_if(mails.begin(), mails.end(),
                                          [&](const v1::UnmatchedMail& mail) { return mail.subject() == subject; }));
  }
  // Lets the pauses between tries pass.
  void PassPauses() const { db_.Sql("UPDATE referral.mail_pending SET due_time = now()"); }

  const SystemClock clock_;
  test::ScratchDir dir_;
  const MailServer server_{dir_.path()};
  test::Database db_{"referral"};
  mail::Settings settings_;
  MailConfig config_ = ConfigOf(server_);
  const edge::Host host_{"referral", clock_, test::TestKeys()};
  mail::Mailbox mailbox_{host_, db_.pool(), settings_, config_.address};
  MailFetcher::Store store_;
  std::unique_ptr<MailFetcher> fetcher_;
};

TEST_F(Mailbox, IsReadInStretchesAndEachMailOnce) {
  for (const char* subject : {"a", "b", "c", "d", "e"}) Deliver(subject);
  EXPECT_TRUE(Look());
  EXPECT_EQ(Subjects(), "a b c d e");
  EXPECT_TRUE(Look());
  for (const char* subject : {"f", "g", "h"}) Deliver(subject);
  EXPECT_TRUE(Look());
  StartAnew();
  EXPECT_TRUE(Look());
  EXPECT_EQ(Subjects(), "a b c d e f g h");
  EXPECT_EQ(Count("referral.mail_pending"), "0");
}

TEST_F(Mailbox, IsLeftToOthersWhileTheKeysAreNotKnownToBeTheDatabases) {
  Deliver("a");
  test::TestKeys().SetChecked(false);
  EXPECT_FALSE(Look());
  test::TestKeys().SetChecked(true);
  EXPECT_EQ(Count("referral.mail_pending"), "0");
  EXPECT_TRUE(Look());
  EXPECT_EQ(Subjects(), "a");
}

TEST_F(Mailbox, ALookThatGoesToItsEndIsToldAndNoOther) {
  int looks = 0;
  store_.looked = [&] { ++looks; };
  fetcher_ = std::make_unique<MailFetcher>(config_, store_);
  EXPECT_TRUE(Look());
  EXPECT_EQ(looks, 1);
  Deliver("cut");
  server_.SetImap("cut", 1);
  EXPECT_FALSE(Look());
  EXPECT_EQ(looks, 1);
}

TEST_F(Mailbox, WhatWasThereBeforeTheFirstStartIsNobodysTask) {
  db_.Sql(absl::StrCat("INSERT INTO referral.mailboxes VALUES ('", kMailbox, "', now() + interval '10 days')"));
  Deliver("old");
  EXPECT_TRUE(Look());
  EXPECT_EQ(Count("referral.mail_inbox"), "0");
  Deliver("new to the mailbox");
  EXPECT_TRUE(Look());
  // By its date it is as old: it is read, in case it names a referral, and is nobody's task.
  EXPECT_EQ(Count("referral.mail_inbox"), "1");
  EXPECT_EQ(Count("referral.unmatched_mails"), "0");
}

TEST_F(Mailbox, AMailOfTheFirstDayIsStillATask) {
  db_.Sql(absl::StrCat("INSERT INTO referral.mailboxes VALUES ('", kMailbox, "', now() + interval '10 minutes')"));
  Deliver("just before");
  EXPECT_TRUE(Look());
  EXPECT_EQ(Subjects(), "just before");
}

TEST_F(Mailbox, AnAnswerWithoutTheMailIsNotItsEnd) {
  for (const char* fault : {"nil", "no"}) {
    Deliver(absl::StrCat("late-", fault));
    Deliver(absl::StrCat("behind-", fault));
    server_.SetImap(fault, 1);
    EXPECT_TRUE(Look());
    EXPECT_EQ(CountOf(absl::StrCat("behind-", fault)), 1);
    EXPECT_EQ(CountOf(absl::StrCat("late-", fault)), 0);
    PassPauses();
    EXPECT_TRUE(Look());
    EXPECT_EQ(CountOf(absl::StrCat("late-", fault)), 1);
  }
  EXPECT_EQ(Count("referral.mail_pending"), "0");
}

TEST_F(Mailbox, AConnectionThatBreaksOnAMailHoldsUpNothingElse) {
  Deliver("first");
  Deliver("second");
  server_.SetImap("cut", 1);
  EXPECT_FALSE(Look());
  EXPECT_TRUE(Look());
  EXPECT_EQ(Subjects(), "second");
  PassPauses();
  EXPECT_TRUE(Look());
  EXPECT_EQ(Count("referral.unmatched_mails"), "2");
}

TEST_F(Mailbox, AMailThatIsGoneIsForgotten) {
  Deliver("there");
  EXPECT_TRUE(Look());
  db_.Sql(
      "INSERT INTO referral.mail_pending (mailbox, uid_validity, uid) "
      "SELECT mailbox, uid_validity, 99 FROM referral.mail_cursors");
  EXPECT_TRUE(Look());
  EXPECT_EQ(Count("referral.mail_pending"), "0");
}

TEST_F(Mailbox, OneRefusalOfTheStoreDoesNotMakeAMailUnreadable) {
  Deliver("good");
  Deliver("behind");
  int refusals = 0;
  store_.receive = [&](const InboundMail& mail) {
    return mail.subject == "good" && refusals++ == 0 ? absl::InternalError("once") : mailbox_.Receive(mail);
  };
  fetcher_ = std::make_unique<MailFetcher>(config_, store_);
  EXPECT_TRUE(Look());
  EXPECT_EQ(Subjects(), "behind");
  PassPauses();
  EXPECT_TRUE(Look());
  EXPECT_EQ(CountOf("good"), 1);
}

TEST_F(Mailbox, AStoreThatIsAwayCountsAgainstNoMail) {
  Deliver("good");
  for (int i = 0; i < 8; ++i) {
    store_.receive = [](const InboundMail&) { return absl::UnavailableError("away"); };
    fetcher_ = std::make_unique<MailFetcher>(config_, store_);
    EXPECT_FALSE(Look());
  }
  EXPECT_EQ(db_.Sql("SELECT tries FROM referral.mail_pending"), "0");
  StartAnew();
  EXPECT_TRUE(Look());
  EXPECT_EQ(Subjects(), "good");
}

TEST_F(Mailbox, OfAMailThatEndsItsReaderEachTimeANoteIsKept) {
  Deliver("deadly");
  Deliver("behind");
  // The process dies while it has the mail in hand: five times begun, never ended.
  store_.receive = [&](const InboundMail& mail) { return mailbox_.Receive(mail); };
  store_.due = [&](std::int64_t validity) -> absl::StatusOr<std::vector<std::int64_t>> {
    for (int i = 0; i < 5; ++i) {
      PassPauses();
      EXPECT_TRUE(mailbox_.Begin(validity, 1).ok());
    }
    return mailbox_.Due(validity);
  };
  fetcher_ = std::make_unique<MailFetcher>(config_, store_);
  EXPECT_TRUE(Look());
  EXPECT_EQ(Subjects(), "behind");
  StartAnew();
  PassPauses();
  EXPECT_TRUE(Look());
  EXPECT_EQ(CountOf("（无法读取的来信）"), 1);
  EXPECT_EQ(Count("referral.mail_pending"), "0");
}

TEST_F(Mailbox, WaitsNoLongerAfterTheFourthCrashThanAfterTheFirst) {
  Deliver("unlucky");
  store_.due = [&](std::int64_t validity) -> absl::StatusOr<std::vector<std::int64_t>> {
    for (int i = 0; i < 4; ++i) {
      PassPauses();
      EXPECT_TRUE(mailbox_.Begin(validity, 1).ok());
      EXPECT_EQ(
          Count("referral.mail_pending WHERE due_time BETWEEN now() + interval '20 s' AND now() + interval '30 s'"),
          "1");
    }
    return mailbox_.Due(validity);
  };
  fetcher_ = std::make_unique<MailFetcher>(config_, store_);
  EXPECT_TRUE(Look());
}

TEST_F(Mailbox, WaitsNoLongerAfterTheFourthFailureThanAfterTheFirst) {
  Deliver("on a bad line");
  store_.receive = [](const InboundMail&) { return absl::InternalError("always"); };
  fetcher_ = std::make_unique<MailFetcher>(config_, store_);
  const std::string soon =
      "referral.mail_pending WHERE due_time BETWEEN now() + interval '20 s' AND now() + interval '30 s'";
  for (int i = 0; i < 4; ++i) {
    EXPECT_TRUE(Look());
    EXPECT_EQ(Count(soon), "1") << i;
    PassPauses();
  }
  EXPECT_TRUE(Look());
  EXPECT_EQ(Count(soon), "0");
}

TEST_F(Mailbox, WhatFailsForAnHourIsShownToAPersonOnceAndReadWhenItCanBe) {
  Deliver("stubborn");
  store_.receive = [&](const InboundMail& mail) {
    return mail.subject == "stubborn" ? absl::InternalError("always") : mailbox_.Receive(mail);
  };
  fetcher_ = std::make_unique<MailFetcher>(config_, store_);
  for (int i = 0; i < 6; ++i) {
    EXPECT_TRUE(Look());
    PassPauses();
  }
  EXPECT_EQ(Count("referral.unmatched_mails"), "0");
  db_.Sql("UPDATE referral.mail_pending SET found_time = now() - interval '61 minutes'");
  for (int i = 0; i < 7; ++i) {
    EXPECT_TRUE(Look());
    EXPECT_EQ(Subjects(), "（无法读取的来信）");
    EXPECT_EQ(
        Count("referral.mail_pending WHERE due_time BETWEEN now() + interval '9 min' AND now() + interval '10 min'"),
        "1");
    PassPauses();
  }
  EXPECT_EQ(Count("backbone.desk_task"), "1");
  // The fault was ours, and is mended.
  StartAnew();
  EXPECT_TRUE(Look());
  EXPECT_THAT(Unmatched(), ElementsAre(Partially("state: STATE_SET_ASIDE set_aside_reason: '这封来信后来读到了'"),
                                       Partially("state: STATE_OPEN subject: 'stubborn'")));
  EXPECT_EQ(Count("backbone.desk_task"), "1");
  EXPECT_EQ(Count("referral.mail_pending"), "0");
}

TEST_F(Mailbox, WhoIsToStopLeavesAMailBetweenTwoOfItsParts) {
  server_.DeliverRaw(absl::StrCat("From: a@b.example\r\nSubject: long\r\n\r\n", std::string(5 << 19, 'x'), "\r\n"));
  store_.stopping = [asked = 0]() mutable { return ++asked > 5; };  // EXAMINE, two SEARCH, two of three parts
  fetcher_ = std::make_unique<MailFetcher>(config_, store_);
  EXPECT_FALSE(Look());
  EXPECT_EQ(db_.Sql("SELECT tries || ' ' || failures FROM referral.mail_pending"), "0 0");
  StartAnew();
  EXPECT_TRUE(Look());
  EXPECT_EQ(Count("referral.mail_pending"), "0");
}

TEST_F(Mailbox, EqualMailsWithoutAnIdAreAsManyAsThereAre) {
  Deliver("equal");
  Deliver("equal");
  EXPECT_TRUE(Look());
  EXPECT_EQ(Subjects(), "equal equal");
  // The mailbox is made anew: the same two again, and a third.
  server_.Post("/uidvalidity", "{}");
  Deliver("equal");
  EXPECT_TRUE(Look());
  EXPECT_EQ(Subjects(), "equal equal equal");
  EXPECT_EQ(Count("referral.mail_inbox"), "5");
}

TEST_F(Mailbox, AMailWithAnIdIsOneHoweverOftenItIsDelivered) {
  Deliver("one", "Message-ID: <1@x>\r\n");
  Deliver("one", "Message-ID: <1@x>\r\n");
  EXPECT_TRUE(Look());
  EXPECT_EQ(Subjects(), "one");
}

TEST_F(Mailbox, AScanOfSeveralMegabytesComesWhole) {
  const std::string scan(3000000, 'x');
  server_.DeliverRaw(absl::StrCat(
      "From: a@b.example\r\nSubject: scan\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n",
      "--b\r\n\r\nsee\r\n--b\r\nContent-Type: application/pdf; name=s.pdf\r\n\r\n", scan, "\r\n--b--\r\n"));
  EXPECT_TRUE(Look());
  // Sealed, each part is 41 bytes longer.
  EXPECT_EQ(db_.Sql("SELECT sum(length(sealed) - 41) FROM referral.attachments"), "3000000");
  EXPECT_THAT(Unmatched(), ElementsAre(Partially("attachments { file_name: 's.pdf' state: STATE_KEPT }")));
}

}  // namespace
}  // namespace xxt::referral
