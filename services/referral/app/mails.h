#ifndef XXT_SERVICES_REFERRAL_APP_MAILS_H_
#define XXT_SERVICES_REFERRAL_APP_MAILS_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/identity/caller.h"
#include "common/seal/seal.h"
#include "common/store/tx.h"
#include "services/referral/app/settings.h"
#include "services/referral/domain/mail.h"
#include "services/referral/entry/entry.h"
#include "services/referral/referrals/referrals.h"
#include "xixinting/referral/v1/mail.pb.h"

// Mails that come in.
namespace xxt::referral::app {

// Stores a mail that was read from the mailbox, once however often it is read:
// with the referral that an answer code or its thread names, for the owner to
// read; else among the unmatched, for the people of the hall that keeps the
// mailbox, unless it is older than this service. A mail of ours that came back
// for good makes people call instead, and somebody verify the address. It takes
// the place of the note that TellOfUnread has made, unless that was filed.
absl::Status ReceiveMail(Tx& tx, const seal::Keyring& keys, const InboundMail& mail, const Settings& settings);

// Tells people, among the unmatched, where `mail` is, which is not read so far.
void TellOfUnread(Tx& tx, const InboundMail& mail, const Settings& settings);

// Mails that match nothing may be anybody's: those alone may see them who are
// of the hall that keeps the mailbox, and district staff. OTHER_HALL for others.
absl::Status CheckDesk(const identity::Caller& caller, const Settings& settings, absl::string_view name);

// Files an unmatched mail with a referral of any hall, or sets it aside.
// Errors: OTHER_HALL, RESOURCE_NOT_FOUND, STATE_FORBIDS (filed before), FIELD_INVALID.
absl::Status FileUnmatchedMail(const seal::Keyring& keys, const Settings& settings, Tx& tx,
                               const v1::FileUnmatchedMailRequest& request, v1::FileUnmatchedMailResponse& response);

void ToProto(const UnmatchedMail& mail, v1::UnmatchedMail* proto);

}  // namespace xxt::referral::app

#endif  // XXT_SERVICES_REFERRAL_APP_MAILS_H_
