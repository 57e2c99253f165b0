#ifndef XXT_SERVICES_REFERRAL_MAIL_MAIL_CONFIG_H_
#define XXT_SERVICES_REFERRAL_MAIL_MAIL_CONFIG_H_

#include <string>

#include "absl/time/time.h"
#include "common/files/secret.h"

namespace xxt::referral {

// Where mail goes out and comes in: an ordinary mailbox on the mail system of
// the government.
struct MailConfig {
  std::string smtp_url = "smtps://127.0.0.1:465";  // smtp:// or smtps://
  std::string imap_url = "imaps://127.0.0.1:993";  // imap:// or imaps://
  bool require_tls = true;                         // smtp:// and imap:// must switch to TLS
  std::string ca_file;                             // empty: the system's
  std::string user;                                // empty: no authentication when sending
  files::Secret password;
  std::string address;       // From, and the mailbox that is read
  std::string display_name;  // beside From
  absl::Duration poll_interval = absl::Seconds(5);
  absl::Duration timeout = absl::Seconds(10);
  int search_at_once = 10000;  // mails; their uids take at most 110 kB
};

}  // namespace xxt::referral

#endif  // XXT_SERVICES_REFERRAL_MAIL_MAIL_CONFIG_H_
