#ifndef XXT_SERVICES_REFERRAL_MAIL_INBOX_H_
#define XXT_SERVICES_REFERRAL_MAIL_INBOX_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/pg/session.h"
#include "services/referral/mail/mail_fetcher.h"
#include "services/referral/mail/wire.h"

// Which mails of the mailboxes were read, how far the reader is, and what it has in
// hand. By hand: cursors and marks, no resources.
namespace xxt::referral::inbox {

// Records that `mail` was read from the mailbox; it is pending no more.
struct Arrival {
  bool is_new = false;              // false: recorded before, under this uid or another one
  std::optional<std::string> note;  // the unmatched mail that tells people of it
};
absl::StatusOr<Arrival> RecordArrival(pg::Session& session, const InboundMail& mail, absl::Time now);

// When this mailbox was first looked for, by the database's clock. The first
// to ask sets it.
absl::StatusOr<absl::Time> StartTime(pg::Session& session, absl::string_view mailbox);

// The highest uid found; nullopt if nothing was.
absl::StatusOr<std::optional<std::int64_t>> LastUid(pg::Session& session, absl::string_view mailbox,
                                                    std::int64_t uid_validity);

// Queues the note of mails that are to be read, and that all up to `last_uid`
// was looked at.
void Found(pg::Session& session, absl::string_view mailbox, std::int64_t uid_validity,
           const std::vector<std::int64_t>& uids, std::int64_t last_uid);

// Mails found, not stored, and due by the database's clock, ascending; so many
// at a time.
absl::StatusOr<std::vector<std::int64_t>> Due(pg::Session& session, absl::string_view mailbox,
                                              std::int64_t uid_validity);

// Counts a try, and makes the mail due again only after a while. kGiveUp after
// five tries that a crash ended: it may be the mail. What fails for long may be
// our fault, and is tried for ever.
using Turn = MailFetcher::Store::Turn;
struct Begun {
  Turn turn = Turn::kNotNow;
  bool tell = false;  // it failed five times within more than an hour, and people do not know
};
absl::StatusOr<Begun> Begin(pg::Session& session, absl::string_view mailbox, std::int64_t uid_validity,
                            std::int64_t uid);

// Queues that the unmatched mail `id` tells people of a mail that is not read.
void NoteTold(pg::Session& session, const InboundMail& mail, absl::string_view id);

// Queues what came of a try that stored nothing: the mail is gone, it failed,
// or it was not the mail's fault.
using Ended = MailFetcher::Store::End;
void End(pg::Session& session, absl::string_view mailbox, std::int64_t uid_validity, std::int64_t uid, Ended ended);

}  // namespace xxt::referral::inbox

#endif  // XXT_SERVICES_REFERRAL_MAIL_INBOX_H_
