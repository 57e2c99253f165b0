#ifndef XXT_SERVICES_REFERRAL_APP_SETTINGS_H_
#define XXT_SERVICES_REFERRAL_APP_SETTINGS_H_

#include <string>

#include "services/referral/domain/mail.h"

namespace xxt::referral::app {

// What an installation decides about mail.
struct Settings {
  MailSignature signature;
  std::string message_id_domain;  // "xixinting.example"
  int mail_workers = 0;           // mails sent at a time; 0: as of all kinds
  int mails_per_minute = 0;       // most for one body; 0: no limit
  std::string desk_hall;          // whose people look at mails that match nothing, "halls/110102"
};

}  // namespace xxt::referral::app

#endif  // XXT_SERVICES_REFERRAL_APP_SETTINGS_H_
