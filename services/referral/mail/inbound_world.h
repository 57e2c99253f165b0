#ifndef XXT_SERVICES_REFERRAL_MAIL_INBOUND_WORLD_H_
#define XXT_SERVICES_REFERRAL_MAIL_INBOUND_WORLD_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/calendar/shanghai_time.h"
#include "common/clock/clock.h"
#include "common/status/errors.h"
#include "common/status/macros.h"
#include "common/tasks/desk.h"
#include "common/testing/as.h"
#include "common/testing/database.h"
#include "gtest/gtest.h"
#include "services/referral/body/body_world.h"
#include "services/referral/chase/asking_world.h"
#include "services/referral/chase/steps.h"
#include "services/referral/chase/verbs.h"
#include "services/referral/entry/entry.h"
#include "services/referral/mail/files.h"
#include "services/referral/mail/inbound.h"
#include "services/referral/mail/unmatched.h"
#include "services/referral/referrals/bounced.h"
#include "services/referral/referrals/referrals.h"
#include "xixinting/referral/v1/mail.pb.h"

// A referral that asks an archive by mail, and the mails that come in: for tests
// against the real store.
namespace xxt::referral {

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
    return test::As(caller, now_, db_.pool(), body);
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

  // Answers the referral.
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

  static AttachedFile FileOf(const std::string& name, const std::string& content) {
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
  // Files the one unmatched mail: with the referral, or set aside for this reason.
  absl::Status File(const identity::Caller& caller, const std::string& set_aside_reason = "") {
    v1::FileUnmatchedMailRequest request;
    request.set_name(Unmatched().name());
    if (set_aside_reason.empty()) {
      request.set_referral(referral_.name());
    } else {
      request.set_set_aside_reason(set_aside_reason);
    }
    return As(caller, [&](Tx& tx) {
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

}  // namespace xxt::referral

#endif  // XXT_SERVICES_REFERRAL_MAIL_INBOUND_WORLD_H_
