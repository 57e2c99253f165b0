#ifndef XXT_SERVICES_REFERRAL_MAIL_INBOUND_H_
#define XXT_SERVICES_REFERRAL_MAIL_INBOUND_H_

#include "absl/status/status.h"
#include "common/seal/seal.h"
#include "common/store/tx.h"
#include "services/referral/mail/settings.h"
#include "services/referral/mail/wire.h"

// Mails that come in.
namespace xxt::referral::mail {

// Stores a mail that was read from the mailbox, once however often it is read:
// with the referral that an answer code or its thread names, for the owner to
// read; else among the unmatched, for the people of the hall that keeps the
// mailbox, unless it is older than this service. A mail of ours that came back
// for good makes people call instead, and somebody verify the address. It takes
// the place of the note that TellOfUnread has made, unless that was filed.
absl::Status Receive(Tx& tx, const seal::Keyring& keys, const InboundMail& mail, const Settings& settings);

// Tells people, among the unmatched, where `mail` is, which is not read so far.
void TellOfUnread(Tx& tx, const InboundMail& mail, const Settings& settings);

}  // namespace xxt::referral::mail

#endif  // XXT_SERVICES_REFERRAL_MAIL_INBOUND_H_
