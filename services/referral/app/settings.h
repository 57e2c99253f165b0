#ifndef XXT_SERVICES_REFERRAL_APP_SETTINGS_H_
#define XXT_SERVICES_REFERRAL_APP_SETTINGS_H_

#include <string>

#include "absl/time/time.h"
#include "services/referral/mail/letter.h"

namespace xxt::referral::app {

// What an installation decides about mail.
struct Settings {
  mail::Signature signature;
  std::string message_id_domain;  // "xixinting.example"
  int mail_workers = 0;           // mails sent at a time; 0: as of all kinds
  int mails_per_minute = 0;       // most for one body; 0: no limit
  std::string desk_hall;          // whose people look at mails that match nothing, "halls/110102"
  // How far ahead a person may put what is next: to wait for a silent body, and
  // to try again one that was not reached. Later is sleep.
  absl::Duration longest_wait = absl::Hours(60 * 24);
  absl::Duration longest_retry = absl::Hours(14 * 24);
};

}  // namespace xxt::referral::app

#endif  // XXT_SERVICES_REFERRAL_APP_SETTINGS_H_
