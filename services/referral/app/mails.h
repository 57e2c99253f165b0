#ifndef XXT_SERVICES_REFERRAL_APP_MAILS_H_
#define XXT_SERVICES_REFERRAL_APP_MAILS_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/identity/caller.h"
#include "common/pg/session.h"
#include "services/referral/app/settings.h"
#include "services/referral/domain/entry.h"
#include "services/referral/domain/mail.h"

// Mails that come in.
namespace xxt::referral::app {

// Stores a mail that was read from the mailbox, once however often it is read:
// with the referral that its subject's answer code or its thread names, for
// the owner to read; else among the unmatched, for the district desk.
absl::Status ReceiveMail(pg::Session& session, const InboundMail& mail, const Settings& settings, absl::Time now);

// Files an unmatched mail with a referral, or sets it aside. Exactly one of
// the two is given. Answers the entry written, if one was.
// Errors: NOT_FOUND, OTHER_HALL, STATE_FORBIDS (filed before).
absl::StatusOr<std::optional<Entry>> FileUnmatchedMail(pg::Session& session, const identity::Caller& caller,
                                                       absl::string_view id,
                                                       const std::optional<std::string>& referral_id,
                                                       const std::optional<std::string>& set_aside_reason,
                                                       absl::Time now);

}  // namespace xxt::referral::app

#endif  // XXT_SERVICES_REFERRAL_APP_MAILS_H_
