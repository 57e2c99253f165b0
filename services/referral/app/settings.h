#ifndef XXT_SERVICES_REFERRAL_APP_SETTINGS_H_
#define XXT_SERVICES_REFERRAL_APP_SETTINGS_H_

#include <string>

#include "services/referral/domain/mail.h"

namespace xxt::referral::app {

// What an installation decides about mail.
struct Settings {
  MailSignature signature;
  std::string message_id_domain;  // "xixinting.example"
  std::string desk_hall;          // whose people look at mails that match nothing, "halls/110102"
};

}  // namespace xxt::referral::app

#endif  // XXT_SERVICES_REFERRAL_APP_SETTINGS_H_
