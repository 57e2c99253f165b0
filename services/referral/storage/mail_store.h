#ifndef XXT_SERVICES_REFERRAL_STORAGE_MAIL_STORE_H_
#define XXT_SERVICES_REFERRAL_STORAGE_MAIL_STORE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/pg/session.h"
#include "services/referral/domain/mail.h"

// Mails that came in.
namespace xxt::referral::mail_store {

// Records that `mail` was read from the mailbox. Answers false if it was
// recorded before, under this uid or another one: then there is nothing more
// to do with it.
absl::StatusOr<bool> RecordArrival(pg::Session& session, const InboundMail& mail, absl::Time now);

// The highest uid recorded of the mailbox; 0 if none.
absl::StatusOr<std::int64_t> LastUid(pg::Session& session, absl::string_view mailbox, std::int64_t uid_validity);

// Queues the insert.
void InsertUnmatched(pg::Session& session, const UnmatchedMail& mail);

// Locks the row until the transaction ends. Errors: NOT_FOUND.
absl::StatusOr<UnmatchedMail> GetUnmatchedForChange(pg::Session& session, absl::string_view id);

// Queues the update: by whom, and either to which referral or why not.
void FileUnmatched(pg::Session& session, absl::string_view id, absl::string_view staff, absl::Time now,
                   const std::optional<std::string>& referral_id, const std::optional<std::string>& set_aside_reason);

// Those nobody has filed, oldest first, after (after_time, after_id).
absl::StatusOr<std::vector<UnmatchedMail>> ListUnmatched(pg::Session& session, std::optional<absl::Time> after_time,
                                                         absl::string_view after_id, int limit);

}  // namespace xxt::referral::mail_store

#endif  // XXT_SERVICES_REFERRAL_STORAGE_MAIL_STORE_H_
