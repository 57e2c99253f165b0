#include "services/referral/app/mailbox.h"

#include <functional>
#include <utility>

#include "common/concurrency/steady_time.h"
#include "common/status/macros.h"
#include "services/referral/app/mails.h"

namespace xxt::referral::app {
namespace {

constexpr absl::Duration kWithin = absl::Seconds(10);

// Runs `body` in a transaction and answers what it made.
template <typename T>
absl::StatusOr<T> Ask(pg::Pool& pool, const std::function<absl::StatusOr<T>(pg::Session&)>& body) {
  T answer{};
  XXT_RETURN_IF_ERROR(pg::InTransaction(
      pool, SteadyTime::Now() + kWithin,
      [&](pg::Session& session) -> absl::Status {
        XXT_ASSIGN_OR_RETURN(answer, body(session));
        return absl::OkStatus();
      },
      pg::OnUnknownCommit::kRerun));
  return answer;
}

}  // namespace

Mailbox::Mailbox(const edge::Host& host, pg::Pool& pool, const Settings& settings, std::string address)
    : host_(host), pool_(pool), settings_(settings), address_(std::move(address)) {}

absl::StatusOr<absl::Time> Mailbox::StartTime() {
  if (stopping_) return absl::CancelledError("stopping");
  return Ask<absl::Time>(pool_, [&](pg::Session& session) { return mail_store::StartTime(session, address_); });
}

absl::StatusOr<std::optional<std::int64_t>> Mailbox::LastUid(std::int64_t uid_validity) {
  return Ask<std::optional<std::int64_t>>(
      pool_, [&](pg::Session& session) { return mail_store::LastUid(session, address_, uid_validity); });
}

absl::Status Mailbox::Found(std::int64_t uid_validity, const std::vector<std::int64_t>& uids, std::int64_t last_uid) {
  return pg::InTransaction(
      pool_, SteadyTime::Now() + kWithin,
      [&](pg::Session& session) {
        mail_store::Found(session, address_, uid_validity, uids, last_uid);
        return absl::OkStatus();
      },
      pg::OnUnknownCommit::kRerun);
}

absl::StatusOr<std::vector<std::int64_t>> Mailbox::Due(std::int64_t uid_validity) {
  return Ask<std::vector<std::int64_t>>(
      pool_, [&](pg::Session& session) { return mail_store::Due(session, address_, uid_validity); });
}

absl::StatusOr<mail_store::Turn> Mailbox::Begin(std::int64_t uid_validity, std::int64_t uid) {
  if (stopping_) return absl::CancelledError("stopping");
  return Ask<mail_store::Turn>(pool_, [&](pg::Session& session) -> absl::StatusOr<mail_store::Turn> {
    XXT_ASSIGN_OR_RETURN(const mail_store::Begun begun, mail_store::Begin(session, address_, uid_validity, uid));
    InboundMail mail;
    mail.mailbox = address_;
    mail.uid_validity = uid_validity;
    mail.uid = uid;
    if (begun.tell) {
      XXT_RETURN_IF_ERROR(edge::AsService(host_, session, [&](Tx& tx) {
        TellOfUnread(tx, mail, settings_);
        return absl::OkStatus();
      }));
    }
    return begun.turn;
  });
}

absl::Status Mailbox::End(std::int64_t uid_validity, std::int64_t uid, mail_store::Ended ended) {
  return pg::InTransaction(pool_, SteadyTime::Now() + kWithin, [&](pg::Session& session) {
    mail_store::End(session, address_, uid_validity, uid, ended);
    return absl::OkStatus();
  });
}

absl::Status Mailbox::Receive(const InboundMail& mail) {
  // A repeat after an unknown commit finds the mail recorded.
  return pg::InTransaction(
      pool_, SteadyTime::Now() + kWithin,
      [&](pg::Session& session) {
        return edge::AsService(host_, session, [&](Tx& tx) { return ReceiveMail(tx, host_.keys, mail, settings_); });
      },
      pg::OnUnknownCommit::kRerun);
}

}  // namespace xxt::referral::app
