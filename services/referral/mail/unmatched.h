#ifndef XXT_SERVICES_REFERRAL_MAIL_UNMATCHED_H_
#define XXT_SERVICES_REFERRAL_MAIL_UNMATCHED_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/edge/slice.h"
#include "common/seal/seal.h"
#include "common/store/table.h"
#include "common/store/tx.h"
#include "common/tasks/task.h"
#include "services/referral/mail/settings.h"
#include "services/referral/mail/wire.h"
#include "xixinting/referral/v1/entry.pb.h"
#include "xixinting/referral/v1/mail.pb.h"

// Mails that match no referral: shown to people until one says where they belong.
namespace xxt::referral::mail {

// Each has a key of its own, until it is filed: then its words are the entry's.
extern const store::Table<v1::UnmatchedMail> kUnmatchedMails;

// What an unmatched mail would say of `mail`, which came now; it has a new name.
v1::UnmatchedMail UnmatchedOf(const InboundMail& mail, absl::Time now);

// The mail as the entry of a referral. It keeps its id.
v1::Entry EntryOf(const v1::UnmatchedMail& mail, absl::string_view referral);

// Queues the mail, and the task of the people of the hall that keeps the mailbox.
void KeepUnmatched(Tx& tx, v1::UnmatchedMail& made, const Settings& settings);

// Nobody need look into this one any more, unless somebody has already.
absl::Status SetAside(Tx& tx, absl::string_view name, absl::string_view reason);

// Mails that match nothing may be anybody's: those alone may see them who are of
// the hall that keeps the mailbox, and district staff. OTHER_HALL for others.
absl::Status CheckDesk(const Tx& tx, const Settings& settings, absl::string_view name);

// FileUnmatchedMail: with a referral of any hall, or set aside.
// Errors: OTHER_HALL, RESOURCE_NOT_FOUND, STATE_FORBIDS (filed before), FIELD_INVALID, INTERNAL
// while the mail, or the referral, does not open.
absl::Status FileUnmatched(const seal::Keyring& keys, const Settings& settings, Tx& tx,
                           const v1::FileUnmatchedMailRequest& request, v1::FileUnmatchedMailResponse& response);

// The desk's kind of task: settled by FileUnmatchedMail.
tasks::DeskKind UnmatchedKind();

}  // namespace xxt::referral::mail

#endif  // XXT_SERVICES_REFERRAL_MAIL_UNMATCHED_H_
