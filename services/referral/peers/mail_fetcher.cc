#include "services/referral/peers/mail_fetcher.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/fault/crash_point.h"
#include "common/log/log.h"
#include "common/status/macros.h"
#include "services/referral/peers/mail_parser.h"

namespace xxt::referral {
namespace {

// Attachments are not stored; what is behind this is attachments.
constexpr std::int64_t kMostMailBytes = 2 << 20;

constexpr absl::Duration kLongestPause = absl::Minutes(2);

}  // namespace

MailFetcher::MailFetcher(const MailConfig& config, Store store) : config_(config), store_(std::move(store)) {}

absl::Status MailFetcher::FetchOnce() {
  if (session_ == nullptr) {
    XXT_ASSIGN_OR_RETURN(session_, ImapSession::Open(config_));
  }
  const absl::Status status = ReadNew();
  if (!status.ok()) session_.reset();
  return status;
}

absl::Status MailFetcher::ReadNew() {
  XXT_ASSIGN_OR_RETURN(const std::int64_t validity, session_->Examine());
  XXT_ASSIGN_OR_RETURN(const std::int64_t last_uid, store_.last_uid(validity));
  XXT_ASSIGN_OR_RETURN(const std::vector<std::int64_t> uids, session_->NewUids(last_uid));
  for (const std::int64_t uid : uids) {
    XXT_ASSIGN_OR_RETURN(const std::optional<std::string> raw, session_->Fetch(uid, kMostMailBytes));
    if (!raw.has_value()) continue;
    XXT_CRASH_POINT("referral.mail_fetched");
    InboundMail mail = ParseMail(*raw);
    mail.mailbox = config_.address;
    mail.uid_validity = validity;
    mail.uid = uid;
    absl::Status stored = store_.receive(mail);
    if (absl::IsInternal(stored) || (!stored.ok() && XXT_PLANTED_BUG("transient_is_unreadable"))) {
      log::Error("mail.not_storable", {{"uid", uid}, {"status", stored}});
      stored = store_.receive(Unreadable(mail));
    }
    if (!XXT_PLANTED_BUG("mail_error_passed_over")) XXT_RETURN_IF_ERROR(stored);
    XXT_CRASH_POINT("referral.mail_received");
    log::Info("mail.received", {{"uid", uid}});
  }
  return absl::OkStatus();
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
