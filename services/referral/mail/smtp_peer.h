#ifndef XXT_SERVICES_REFERRAL_MAIL_SMTP_PEER_H_
#define XXT_SERVICES_REFERRAL_MAIL_SMTP_PEER_H_

#include "absl/time/time.h"
#include "common/concurrency/steady_time.h"
#include "services/referral/mail/mail_config.h"
#include "services/referral/mail/wire.h"

namespace xxt::referral {

// Hands mail to the mail server. Thread-safe: each call has a connection of
// its own.
class MailSender {
 public:
  explicit MailSender(const MailConfig& config) : config_(config) {}

  // Sends `mail` and tells what is known of it. kUnknown exactly if the whole
  // mail went out and no reply to it came back. Wrong credentials and a server
  // that cannot be reached are kRefusedForNow.
  SendOutcome Send(const OutboundMail& mail, SteadyTime deadline) const;

 private:
  const MailConfig config_;
};

}  // namespace xxt::referral

#endif  // XXT_SERVICES_REFERRAL_MAIL_SMTP_PEER_H_
