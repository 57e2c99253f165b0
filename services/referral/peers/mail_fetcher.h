#ifndef XXT_SERVICES_REFERRAL_PEERS_MAIL_FETCHER_H_
#define XXT_SERVICES_REFERRAL_PEERS_MAIL_FETCHER_H_

#include <cstdint>
#include <functional>
#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/concurrency/loop.h"
#include "services/referral/domain/mail.h"
#include "services/referral/peers/imap_session.h"
#include "services/referral/peers/mail_config.h"

namespace xxt::referral {

// Reads the mailbox, every few seconds, on a thread of its own. Where to go on
// is asked of the store each time, so a mail is handed on until it is stored,
// and after that never again.
class MailFetcher {
 public:
  struct Store {
    // The highest uid stored of the mailbox under this UIDVALIDITY; 0 if none.
    std::function<absl::StatusOr<std::int64_t>(std::int64_t uid_validity)> last_uid;
    // Stores a mail. After an error the mail, and those behind it, come again;
    // but after INTERNAL, which says that it is the mail, a note of it comes.
    std::function<absl::Status(const InboundMail& mail)> receive;
  };

  MailFetcher(const MailConfig& config, Store store);

  // Reads what is there now. Called by the loop; by itself, for tests.
  absl::Status FetchOnce();

 private:
  absl::Duration Step();
  absl::Status ReadNew();

  const MailConfig config_;
  const Store store_;
  std::unique_ptr<ImapSession> session_;  // kept open between looks
  int failures_ = 0;                      // in a row
  friend class MailLoop;
};

// A fetcher with its thread.
class MailLoop {
 public:
  MailLoop(const MailConfig& config, MailFetcher::Store store);

 private:
  MailFetcher fetcher_;
  Loop loop_;
};

}  // namespace xxt::referral

#endif  // XXT_SERVICES_REFERRAL_PEERS_MAIL_FETCHER_H_
