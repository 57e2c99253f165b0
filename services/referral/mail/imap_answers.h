#ifndef XXT_SERVICES_REFERRAL_MAIL_IMAP_ANSWERS_H_
#define XXT_SERVICES_REFERRAL_MAIL_IMAP_ANSWERS_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

// What an IMAP4rev1 server answers (RFC 3501), as far as ImapSession asks. No
// bytes make these throw, and no server makes them keep more than some
// megabytes.
namespace xxt::referral {

// The most that is kept of the answers to one command, and of bytes not yet read.
inline constexpr std::size_t kMostImapBytes = 4U << 20U;

// An answer to the command, or news: its text, with "{n}" where literals stood.
struct ImapAnswer {
  std::string text;
  std::vector<std::string> literals;
};

// Takes the answers to the command tagged `tag` off the front of `buffer`, to
// which `more` appends at least one byte each time it is called.
// Errors: FAILED_PRECONDITION if the command was refused; UNAVAILABLE if the
// answers are too long; those of `more`.
absl::StatusOr<std::vector<ImapAnswer>> ReadImapAnswers(absl::string_view tag, std::string* buffer,
                                                        absl::FunctionRef<absl::Status()> more);

struct ImapMailbox {
  std::int64_t uid_validity = 0;
  std::int64_t mails = 0;
};
// Of the answers to EXAMINE. Errors: UNAVAILABLE if they do not say.
absl::StatusOr<ImapMailbox> MailboxIn(const std::vector<ImapAnswer>& answers);

// Of the answers to UID SEARCH, in their order. What is no number of a mail is
// left out.
std::vector<std::int64_t> UidsIn(const std::vector<ImapAnswer>& answers);

struct ImapPart {
  std::string bytes;
  absl::Time arrive_time;  // INTERNALDATE; the far future if the server does not say
};
// What the answers to UID FETCH … BODY.PEEK[] give of the mail `uid`; nullopt:
// nothing.
std::optional<ImapPart> PartIn(const std::vector<ImapAnswer>& answers, std::int64_t uid);

}  // namespace xxt::referral

#endif  // XXT_SERVICES_REFERRAL_MAIL_IMAP_ANSWERS_H_
