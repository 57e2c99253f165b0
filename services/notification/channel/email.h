#ifndef XXT_SERVICES_NOTIFICATION_CHANNEL_EMAIL_H_
#define XXT_SERVICES_NOTIFICATION_CHANNEL_EMAIL_H_

#include <functional>
#include <string>

#include "absl/time/time.h"
#include "common/concurrency/steady_time.h"
#include "common/edge/slice.h"
#include "common/pg/pool.h"
#include "common/smtp/sender.h"
#include "services/notification/message/sending_policy_rules.h"

// What the machine does to send e-mails: the kind is in EmailSlice.
namespace xxt::notification::channel {

// What it needs. Everything must outlive the slice.
struct EmailParts {
  const edge::Host& host;
  pg::Pool& pool;
  const SendingPolicy& policy;
  // Sends a mail; ends by `deadline`.
  std::function<smtp::Outcome(const smtp::Mail& mail, SteadyTime deadline)> send;
  std::string domain;                              // of the Message-IDs
  absl::Duration timeout = absl::Seconds(10);      // longest exchange with the mail server
  absl::Duration give_up_after = absl::Hours(12);  // of refusals; then it goes another way
};

}  // namespace xxt::notification::channel

#endif  // XXT_SERVICES_NOTIFICATION_CHANNEL_EMAIL_H_
