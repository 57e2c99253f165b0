#ifndef XXT_SERVICES_REFERRAL_MAIL_SETTINGS_H_
#define XXT_SERVICES_REFERRAL_MAIL_SETTINGS_H_

#include <string>

#include "services/referral/mail/letter.h"

namespace xxt::referral::mail {

// What an installation decides about mail.
struct Settings {
  Signature signature;
  std::string message_id_domain;  // "xixinting.example"
  int mail_workers = 0;           // mails sent at a time; 0: as of all kinds
  int mails_per_minute = 0;       // most for one body; 0: no limit
  std::string desk_hall;          // whose people look at mails that match nothing, "halls/110102"
};

}  // namespace xxt::referral::mail

#endif  // XXT_SERVICES_REFERRAL_MAIL_SETTINGS_H_
