#ifndef XXT_SERVICES_REFERRAL_PEERS_IMAP_SESSION_H_
#define XXT_SERVICES_REFERRAL_PEERS_IMAP_SESSION_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/concurrency/steady_time.h"
#include "services/referral/peers/mail_config.h"

namespace xxt::referral {

// One logged-in IMAP4rev1 connection that reads the INBOX and changes nothing
// there: EXAMINE and BODY.PEEK leave even \Seen alone.
//
// libcurl connects, switches to TLS and logs in; from there this class speaks
// the few commands itself, since libcurl's own FETCH marks mails as seen. Not
// thread-safe. After an error the session is of no use any more.
class ImapSession {
 public:
  // Errors: UNAVAILABLE, UNAUTHENTICATED.
  static absl::StatusOr<std::unique_ptr<ImapSession>> Open(const MailConfig& config);
  ~ImapSession();
  ImapSession(const ImapSession&) = delete;
  ImapSession& operator=(const ImapSession&) = delete;

  // Opens the INBOX anew, so that mail that came since is seen; answers its
  // UIDVALIDITY.
  absl::StatusOr<std::int64_t> Examine();

  // The uids above `last_uid`, ascending.
  absl::StatusOr<std::vector<std::int64_t>> NewUids(std::int64_t last_uid);

  // The mail's first `most_bytes` bytes; nullopt if it is gone.
  absl::StatusOr<std::optional<std::string>> Fetch(std::int64_t uid, std::int64_t most_bytes);

 private:
  // An answer without its last line: texts, and literals where {n} stood.
  struct Response {
    std::vector<std::string> lines;
    std::vector<std::string> literals;
  };

  ImapSession(void* curl, absl::Duration timeout) : curl_(curl), timeout_(timeout) {}
  absl::StatusOr<Response> Do(absl::string_view command);
  absl::Status SendAll(absl::string_view text, SteadyTime deadline);
  absl::Status ReceiveMore(SteadyTime deadline);
  absl::Status WaitFor(short events, SteadyTime deadline);
  absl::StatusOr<std::string> ReadLine(SteadyTime deadline);
  absl::StatusOr<std::string> ReadBytes(std::size_t count, SteadyTime deadline);

  void* const curl_;  // CURL*
  const absl::Duration timeout_;
  int tag_ = 0;
  std::string buffer_;
};

}  // namespace xxt::referral

#endif  // XXT_SERVICES_REFERRAL_PEERS_IMAP_SESSION_H_
