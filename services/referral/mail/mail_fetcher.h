#ifndef XXT_SERVICES_REFERRAL_MAIL_MAIL_FETCHER_H_
#define XXT_SERVICES_REFERRAL_MAIL_MAIL_FETCHER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/concurrency/loop.h"
#include "services/referral/mail/imap_peer.h"
#include "services/referral/mail/mail_config.h"
#include "services/referral/mail/wire.h"

namespace xxt::referral {

// Reads the mailbox, every few seconds, on a thread of its own. What was found
// and is not stored yet is kept by the store, which also counts how often each
// mail was begun: a mail that cannot be fetched, parsed or stored comes again
// later, and those behind it do not wait; of one that ends its reader each
// time a note is stored in its place.
class MailFetcher {
 public:
  struct Store {
    // When this mailbox was first looked for. What came before it is history:
    // nobody need read it unless it names a referral.
    std::function<absl::StatusOr<absl::Time>()> start_time;
    // The highest uid found under this UIDVALIDITY; nullopt: never looked.
    std::function<absl::StatusOr<std::optional<std::int64_t>>(std::int64_t uid_validity)> last_uid;
    // Notes mails as found, perhaps none, and that all up to `last_uid` was looked at.
    std::function<absl::Status(std::int64_t uid_validity, const std::vector<std::int64_t>& uids, std::int64_t last_uid)>
        found;
    // Mails found, not stored, and due, ascending.
    std::function<absl::StatusOr<std::vector<std::int64_t>>(std::int64_t uid_validity)> due;
    // Counts a try, before anything is done with the mail.
    enum class Turn {
      kRead,
      kNotNow,  // another reader has it
      kGiveUp,  // it has ended its reader often enough
    };
    std::function<absl::StatusOr<Turn>(std::int64_t uid_validity, std::int64_t uid)> begin;
    // Stores a mail, or knows it already; it is pending no more.
    std::function<absl::Status(const InboundMail& mail)> receive;
    // What came of a try that stored nothing.
    enum class End {
      kGone,     // the mailbox has it no more
      kFailed,   // counts against the mail
      kPutBack,  // not the mail's fault
    };
    std::function<absl::Status(std::int64_t uid_validity, std::int64_t uid, End end)> end;
    // Nothing more is to be asked of the mailbox; what was begun is put back.
    std::function<bool()> stopping;
    // A look went to its end.
    std::function<void()> looked = [] {};
  };

  MailFetcher(const MailConfig& config, Store store);

  // Reads what is there now. Called by the loop; by itself, for tests.
  absl::Status FetchOnce();

 private:
  absl::Duration Step();
  absl::Status Look(absl::Time start_time);
  absl::Status FindNew(std::int64_t uid_validity, absl::Time start_time);
  absl::Status Note(std::int64_t uid_validity, std::int64_t uid);
  absl::Status Take(std::int64_t uid_validity, std::int64_t uid, absl::Time start_time);
  absl::Status Read(InboundMail mail, absl::Time start_time);

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

#endif  // XXT_SERVICES_REFERRAL_MAIL_MAIL_FETCHER_H_
