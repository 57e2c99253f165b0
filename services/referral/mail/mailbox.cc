#include "services/referral/mail/mailbox.h"

#include <functional>
#include <utility>

#include "common/concurrency/steady_time.h"
#include "common/status/errors.h"
#include "common/status/macros.h"
#include "services/referral/mail/inbound.h"

namespace xxt::referral::mail {
namespace {

constexpr absl::Duration kWithin = absl::Seconds(10);

// Runs `body` in a transaction and returns what it made.
template <typename T>
absl::StatusOr<T> Ask(pg::Pool& pool, const std::function<absl::StatusOr<T>(pg::Session&)>& body) {
  T made{};
  XXT_RETURN_IF_ERROR(pg::InTransaction(
      pool, SteadyTime::Now() + kWithin,
      [&](pg::Session& session) -> absl::Status {
        XXT_ASSIGN_OR_RETURN(made, body(session));
        return absl::OkStatus();
      },
      pg::OnUnknownCommit::kRerun));
  return made;
}

}  // namespace

Mailbox::Mailbox(const edge::Host& host, pg::Pool& pool, const Settings& settings, std::string address)
    : host_(host), pool_(pool), settings_(settings), address_(std::move(address)) {}

absl::StatusOr<absl::Time> Mailbox::StartTime() {
  if (stopping_) return absl::CancelledError("stopping");
  // Nothing of what came could be kept: it is left to other processes.
  if (!host_.keys.checked()) return errors::SealKeysUnchecked(absl::Seconds(1));
  return Ask<absl::Time>(pool_, [&](pg::Session& session) { return inbox::StartTime(session, address_); });
}

absl::StatusOr<std::optional<std::int64_t>> Mailbox::LastUid(std::int64_t uid_validity) {
  return Ask<std::optional<std::int64_t>>(
      pool_, [&](pg::Session& session) { return inbox::LastUid(session, address_, uid_validity); });
}

absl::Status Mailbox::Found(std::int64_t uid_validity, const std::vector<std::int64_t>& uids, std::int64_t last_uid) {
  return pg::InTransaction(
      pool_, SteadyTime::Now() + kWithin,
      [&](pg::Session& session) {
        inbox::Found(session, address_, uid_validity, uids, last_uid);
        return absl::OkStatus();
      },
      pg::OnUnknownCommit::kRerun);
}

absl::StatusOr<std::vector<std::int64_t>> Mailbox::Due(std::int64_t uid_validity) {
  return Ask<std::vector<std::int64_t>>(
      pool_, [&](pg::Session& session) { return inbox::Due(session, address_, uid_validity); });
}

absl::StatusOr<inbox::Turn> Mailbox::Begin(std::int64_t uid_validity, std::int64_t uid) {
  if (stopping_) return absl::CancelledError("stopping");
  return Ask<inbox::Turn>(pool_, [&](pg::Session& session) -> absl::StatusOr<inbox::Turn> {
    XXT_ASSIGN_OR_RETURN(const inbox::Begun begun, inbox::Begin(session, address_, uid_validity, uid));
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

absl::Status Mailbox::End(std::int64_t uid_validity, std::int64_t uid, inbox::Ended ended) {
  return pg::InTransaction(pool_, SteadyTime::Now() + kWithin, [&](pg::Session& session) {
    inbox::End(session, address_, uid_validity, uid, ended);
    return absl::OkStatus();
  });
}

absl::Status Mailbox::Receive(const InboundMail& mail) {
  // A repeat after an unknown commit finds the mail recorded.
  return pg::InTransaction(
      pool_, SteadyTime::Now() + kWithin,
      [&](pg::Session& session) {
        return edge::AsService(host_, session, [&](Tx& tx) { return mail::Receive(tx, host_.keys, mail, settings_); });
      },
      pg::OnUnknownCommit::kRerun);
}

MailFetcher::Store StoreOf(Mailbox& mailbox) {
  using Validity = std::int64_t;
  MailFetcher::Store store;
  store.start_time = [&mailbox] { return mailbox.StartTime(); };
  store.last_uid = [&mailbox](Validity validity) { return mailbox.LastUid(validity); };
  store.found = [&mailbox](Validity validity, const std::vector<std::int64_t>& uids, std::int64_t last_uid) {
    return mailbox.Found(validity, uids, last_uid);
  };
  store.due = [&mailbox](Validity validity) { return mailbox.Due(validity); };
  store.begin = [&mailbox](Validity validity, std::int64_t uid) { return mailbox.Begin(validity, uid); };
  store.receive = [&mailbox](const InboundMail& mail) { return mailbox.Receive(mail); };
  store.end = [&mailbox](Validity validity, std::int64_t uid, inbox::Ended end) {
    return mailbox.End(validity, uid, end);
  };
  store.stopping = [&mailbox] { return mailbox.stopping(); };
  return store;
}

}  // namespace xxt::referral::mail
