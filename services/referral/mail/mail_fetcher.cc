#include "services/referral/mail/mail_fetcher.h"

#include <algorithm>
#include <cstddef>
#include <exception>
#include <string>
#include <utility>

#include "absl/time/civil_time.h"
#include "common/fault/crash_point.h"
#include "common/log/log.h"
#include "common/status/macros.h"
#include "services/referral/mail/mail_parser.h"

namespace xxt::referral {
namespace {

using Turn = MailFetcher::Store::Turn;
using End = MailFetcher::Store::End;

constexpr std::size_t kMostMailBytes = 24U << 20U;

constexpr absl::Duration kLongestPause = absl::Minutes(2);

// How far the mail server's clock may be behind the database's.
constexpr absl::Duration kClockSkew = absl::Hours(1);

// The store, or the way to it, is at fault and not the mail.
bool PassesBy(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsAborted(status) || absl::IsDeadlineExceeded(status) ||
         absl::IsResourceExhausted(status) || absl::IsUnknown(status) || absl::IsCancelled(status);
}

}  // namespace

MailFetcher::MailFetcher(const MailConfig& config, Store store) : config_(config), store_(std::move(store)) {}

absl::Status MailFetcher::FetchOnce() {
  XXT_ASSIGN_OR_RETURN(const absl::Time start_time, store_.start_time());
  if (session_ == nullptr) {
    XXT_ASSIGN_OR_RETURN(session_, ImapSession::Open(config_, store_.stopping));
  }
  const absl::Status status = Look(start_time);
  if (status.ok()) {
    store_.looked();
  } else {
    session_.reset();
  }
  return status;
}

absl::Status MailFetcher::Look(absl::Time start_time) {
  XXT_ASSIGN_OR_RETURN(const std::int64_t validity, session_->Examine());
  XXT_RETURN_IF_ERROR(FindNew(validity, start_time));
  XXT_ASSIGN_OR_RETURN(const std::vector<std::int64_t> due, store_.due(validity));
  for (const std::int64_t uid : due) {
    XXT_ASSIGN_OR_RETURN(const Turn turn, store_.begin(validity, uid));
    if (turn == Turn::kNotNow) continue;
    if (turn == Turn::kRead) {
      XXT_RETURN_IF_ERROR(Take(validity, uid, start_time));
      continue;
    }
    log::Error("mail.given_up", {{"uid", uid}});
    XXT_RETURN_IF_ERROR(Note(validity, uid));
  }
  return absl::OkStatus();
}

// At the first look, and the first after the mailbox was made anew, all that
// came since this service first looked; later what is above the last.
absl::Status MailFetcher::FindNew(std::int64_t uid_validity, absl::Time start_time) {
  XXT_ASSIGN_OR_RETURN(const std::optional<std::int64_t> known, store_.last_uid(uid_validity));
  if (known.has_value()) {
    XXT_ASSIGN_OR_RETURN(const std::vector<std::int64_t> uids, session_->UidsAbove(*known));
    return uids.empty() ? absl::OkStatus() : store_.found(uid_validity, uids, uids.back());
  }
  // Servers count days in any time zone.
  const absl::CivilDay day = absl::ToCivilDay(start_time - kClockSkew, absl::UTCTimeZone()) - 1;
  XXT_ASSIGN_OR_RETURN(const std::vector<std::int64_t> uids, session_->UidsSince(day));
  XXT_ASSIGN_OR_RETURN(const std::int64_t last_uid, session_->LastUid());
  return store_.found(uid_validity, uids, last_uid);
}

absl::Status MailFetcher::Note(std::int64_t uid_validity, std::int64_t uid) {
  InboundMail lost;
  lost.mailbox = config_.address;
  lost.uid_validity = uid_validity;
  lost.uid = uid;
  return store_.receive(Unreadable(lost));
}

absl::Status MailFetcher::Take(std::int64_t uid_validity, std::int64_t uid, absl::Time start_time) {
  InboundMail mail;
  mail.mailbox = config_.address;
  mail.uid_validity = uid_validity;
  mail.uid = uid;
  const absl::Status read = Read(std::move(mail), start_time);
  if (read.ok()) {
    XXT_CRASH_POINT("referral.mail_received");
    log::Info("mail.received", {{"uid", uid}});
    return absl::OkStatus();
  }
  if (absl::IsNotFound(read)) return store_.end(uid_validity, uid, End::kGone);
  if (XXT_PLANTED_BUG("mail_error_passed_over")) {
    store_.end(uid_validity, uid, End::kGone).IgnoreError();
    return read;
  }
  if (XXT_PLANTED_BUG("transient_is_unreadable")) {
    Note(uid_validity, uid).IgnoreError();
    return read;
  }
  log::Warning("mail.not_read", {{"uid", uid}, {"status", read}});
  // What passes by ends this look. The connection may have broken on this mail
  // each time, so that counts as well; that this process stops does not.
  const bool passes = PassesBy(read);
  const bool store_away = passes && session_ != nullptr;
  XXT_RETURN_IF_ERROR(store_.end(uid_validity, uid, store_away ? End::kPutBack : End::kFailed));
  return passes ? read : absl::OkStatus();
}

// Errors: NOT_FOUND if it is gone; those that pass by; others: it is the mail.
absl::Status MailFetcher::Read(InboundMail mail, absl::Time start_time) {
  absl::StatusOr<ImapSession::Fetched> fetched = session_->Fetch(mail.uid, kMostMailBytes);
  if (!fetched.ok()) {
    if (PassesBy(fetched.status()) && !absl::IsCancelled(fetched.status())) session_.reset();
    return fetched.status();
  }
  XXT_CRASH_POINT("referral.mail_fetched");
  // No mail ends the thread that reads it.
  try {
    InboundMail parsed = ParseMail(fetched->raw, fetched->cut);
    parsed.mailbox = std::move(mail.mailbox);
    parsed.uid_validity = mail.uid_validity;
    parsed.uid = mail.uid;
    parsed.history = fetched->arrive_time < start_time - kClockSkew;
    const absl::Status stored = store_.receive(parsed);
    // What is missing is no mail of the mailbox.
    return absl::IsNotFound(stored) ? absl::InternalError(stored.message()) : stored;
  } catch (const std::exception&) {  // its text may quote the mail
    return absl::InternalError("mail: exception");
  }
}

absl::Duration MailFetcher::Step() {
  const absl::Status status = FetchOnce();
  if (status.ok()) {
    failures_ = 0;
    return config_.poll_interval;
  }
  log::Warning("mail.fetch_failed", {{"status", status}});
  failures_ = std::min(failures_ + 1, 6);
  return std::min(config_.poll_interval * (1 << failures_), kLongestPause);
}

MailLoop::MailLoop(const MailConfig& config, MailFetcher::Store store)
    : fetcher_(config, std::move(store)), loop_("mail", [this] { return fetcher_.Step(); }) {}

}  // namespace xxt::referral
