#ifndef XXT_SERVICES_REFERRAL_MAIL_LETTER_H_
#define XXT_SERVICES_REFERRAL_MAIL_LETTER_H_

#include <string>

#include "services/referral/referrals/payload.h"
#include "xixinting/referral/v1/body.pb.h"
#include "xixinting/referral/v1/referral.pb.h"

// Mails to bodies as text. Pure.
namespace xxt::referral::mail {

namespace v1 = ::xixinting::referral::v1;

// Who signs: the same for all mails of an installation.
struct Signature {
  std::string title;  // "西城区“悉心听”服务窗口"
  std::string phone;
};

// What a mail says.
struct Letter {
  std::string subject;  // carries "[XXT-…]"
  std::string text;     // UTF-8, lines end in \n
};

// Writes the mail of `purpose` to `unit` of `body`.
//
// Of the referral only the question, the disclosed fields (in the request
// alone) and the answer code can get into it. `ordinal` counts reminders from
// 1; the words are the same but for the number.
Letter WriteLetter(const v1::Referral& referral, const v1::Body& body, const v1::Unit& unit, MailPurpose purpose,
                   int ordinal, const Signature& signature);

}  // namespace xxt::referral::mail

#endif  // XXT_SERVICES_REFERRAL_MAIL_LETTER_H_
