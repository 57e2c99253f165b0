#ifndef XXT_SERVICES_REFERRAL_MAIL_MAIL_PARSER_H_
#define XXT_SERVICES_REFERRAL_MAIL_MAIL_PARSER_H_

#include <string>

#include "services/referral/mail/wire.h"

namespace xxt::referral {

// Reads a raw message, whatever state it is in: headers and text become UTF-8
// (GB 2312 and GBK are read as GB 18030, of which they are parts). All plain
// texts are taken, else those of HTML without their markup; then mails that it
// embeds, and its files. Too long a text is cut and says so; so does a mail of
// which `raw` is only the beginning (`cut`), or that has too many parts or
// fields to be read to its end. mailbox, uid_validity, uid and
// history stay unset.
InboundMail ParseMail(const std::string& raw, bool cut = false);

}  // namespace xxt::referral

#endif  // XXT_SERVICES_REFERRAL_MAIL_MAIL_PARSER_H_
