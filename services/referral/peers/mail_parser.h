#ifndef XXT_SERVICES_REFERRAL_PEERS_MAIL_PARSER_H_
#define XXT_SERVICES_REFERRAL_PEERS_MAIL_PARSER_H_

#include <string>

#include "absl/strings/string_view.h"
#include "services/referral/domain/mail.h"

namespace xxt::referral {

// Reads a raw message, whatever state it is in: headers and text become UTF-8
// (GB 2312 and GBK are read as GB 18030, of which they are parts), of several
// texts the plain one is taken, else the HTML one without its markup. Too long
// a text is cut and says so. mailbox, uid_validity and uid stay unset.
InboundMail ParseMail(const std::string& raw);

// HTML without tags, scripts and styles; breaks where blocks end.
std::string TextOfHtml(absl::string_view html);

}  // namespace xxt::referral

#endif  // XXT_SERVICES_REFERRAL_PEERS_MAIL_PARSER_H_
