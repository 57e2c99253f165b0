#ifndef XXT_SERVICES_REFERRAL_MAIL_IMAP_PEER_H_
#define XXT_SERVICES_REFERRAL_MAIL_IMAP_PEER_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/concurrency/steady_time.h"
#include "services/referral/mail/imap_answers.h"
#include "services/referral/mail/mail_config.h"

namespace xxt::referral {

// One logged-in IMAP4rev1 connection that reads the INBOX and changes nothing
// there: EXAMINE and BODY.PEEK leave even \Seen alone. No answer is taken that
// is longer than some megabytes: what may be longer is asked for in parts.
//
// libcurl connects, switches to TLS and logs in; from there this class speaks
// the few commands itself, since libcurl's own FETCH marks mails as seen. Not
// thread-safe. After UNAVAILABLE the session is of no use any more; after
// FAILED_PRECONDITION, a command that was refused, it is.
class ImapSession {
 public:
  // Once `stopping` says so no command is begun any more (CANCELLED).
  // Errors: UNAVAILABLE, UNAUTHENTICATED.
  static absl::StatusOr<std::unique_ptr<ImapSession>> Open(const MailConfig& config, std::function<bool()> stopping);
  ~ImapSession();
  ImapSession(const ImapSession&) = delete;
  ImapSession& operator=(const ImapSession&) = delete;

  // Opens the INBOX anew, so that mail that came since is seen; returns its
  // UIDVALIDITY.
  absl::StatusOr<std::int64_t> Examine();

  // The uids above `last_uid`, ascending, of the mailbox last opened.
  absl::StatusOr<std::vector<std::int64_t>> UidsAbove(std::int64_t last_uid);

  // The uid of the newest mail; 0 if there is none.
  absl::StatusOr<std::int64_t> LastUid();

  // The uids of all that came on `day` (as the server counts days) or later.
  absl::StatusOr<std::vector<std::int64_t>> UidsSince(absl::CivilDay day);

  struct Fetched {
    std::string raw;
    bool cut = false;        // `raw` is only the mail's beginning
    absl::Time arrive_time;  // INTERNALDATE; the far future if the server does not say
  };
  // The mail's first `most_bytes` bytes, all within a minute. Errors: NOT_FOUND if it is gone;
  // FAILED_PRECONDITION if the server gives no content of a mail it has.
  absl::StatusOr<Fetched> Fetch(std::int64_t uid, std::size_t most_bytes);

 private:
  ImapSession(void* curl, const MailConfig& config, std::function<bool()> stopping)
      : curl_(curl), timeout_(config.timeout), search_at_once_(config.search_at_once), stopping_(std::move(stopping)) {}
  absl::StatusOr<std::vector<ImapAnswer>> Do(absl::string_view command, SteadyTime deadline);
  absl::StatusOr<std::vector<ImapAnswer>> Do(absl::string_view command) {
    return Do(command, SteadyTime::InfiniteFuture());
  }
  absl::StatusOr<std::vector<std::int64_t>> Search(absl::string_view criteria);
  absl::StatusOr<ImapPart> FetchPart(std::int64_t uid, std::size_t offset, std::size_t size, SteadyTime deadline);
  absl::Status SendAll(absl::string_view text, SteadyTime deadline);
  absl::Status ReceiveMore(SteadyTime deadline);
  absl::Status WaitFor(short events, SteadyTime deadline);

  void* const curl_;  // CURL*
  const absl::Duration timeout_;
  const std::int64_t search_at_once_;
  const std::function<bool()> stopping_;
  int tag_ = 0;
  std::int64_t mails_ = 0;  // in the mailbox when it was opened
  std::string buffer_;
};

}  // namespace xxt::referral

#endif  // XXT_SERVICES_REFERRAL_MAIL_IMAP_PEER_H_
