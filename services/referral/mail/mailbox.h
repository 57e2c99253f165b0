#ifndef XXT_SERVICES_REFERRAL_MAIL_MAILBOX_H_
#define XXT_SERVICES_REFERRAL_MAIL_MAILBOX_H_

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/edge/slice.h"
#include "common/pg/pool.h"
#include "services/referral/mail/inbox.h"
#include "services/referral/mail/mail_fetcher.h"
#include "services/referral/mail/settings.h"
#include "services/referral/mail/wire.h"

namespace xxt::referral::mail {

// Where the reader of one mailbox keeps how far it is; each function is a
// transaction of its own. Thread-safe.
class Mailbox {
 public:
  // What is given must outlive this.
  Mailbox(const edge::Host& host, pg::Pool& pool, const Settings& settings, std::string address);

  // As in inbox.h. Begin also tells people of a mail that fails for long.
  absl::StatusOr<absl::Time> StartTime();
  absl::StatusOr<std::optional<std::int64_t>> LastUid(std::int64_t uid_validity);
  absl::Status Found(std::int64_t uid_validity, const std::vector<std::int64_t>& uids, std::int64_t last_uid);
  absl::StatusOr<std::vector<std::int64_t>> Due(std::int64_t uid_validity);
  absl::StatusOr<inbox::Turn> Begin(std::int64_t uid_validity, std::int64_t uid);
  absl::Status End(std::int64_t uid_validity, std::int64_t uid, inbox::Ended ended);

  // As in inbound.h.
  absl::Status Receive(const InboundMail& mail);

  // From now on no mail is taken in hand (CANCELLED): it comes at the next start.
  void BeginStop() { stopping_ = true; }
  bool stopping() const { return stopping_; }

 private:
  const edge::Host& host_;
  pg::Pool& pool_;
  const Settings& settings_;
  const std::string address_;
  std::atomic<bool> stopping_{false};
};

// Where a fetcher keeps what it reads; `mailbox` must outlive it.
MailFetcher::Store StoreOf(Mailbox& mailbox);

}  // namespace xxt::referral::mail

#endif  // XXT_SERVICES_REFERRAL_MAIL_MAILBOX_H_
