#ifndef XXT_SERVICES_NOTIFICATION_CHANNEL_SENDING_H_
#define XXT_SERVICES_NOTIFICATION_CHANNEL_SENDING_H_

#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/concurrency/steady_time.h"
#include "common/edge/slice.h"
#include "common/pg/pool.h"
#include "common/tasks/task.h"
#include "services/notification/channel/gateway_answers.h"
#include "services/notification/message/sending_policy_rules.h"
#include "xixinting/notification/v1/message.pb.h"

// How the machine hands messages to what carries them, each once whatever is lost
// on the way: an SMS gateway, a mail server.
namespace xxt::notification::channel {

namespace v1 = ::xixinting::notification::v1;

// What carries messages, and what it can be relied on for.
struct Carrier {
  std::string kind;   // of the tasks; a task's id is its delivery's, and the key that the message is sent with
  std::string party;  // how the engine counts its silences
  std::string title;  // for officers: "网关"
  // Where it goes; empty if that is not known any more.
  std::function<std::string(const v1::Recipient& recipient)> address;
  // Hands the message over, once per `key`. Ends by `deadline`.
  std::function<SendOutcome(const std::string& key, const std::string& to, const v1::Message& message,
                            SteadyTime deadline)>
      send;
  // What became of the message that was sent with `key`. None: it cannot be asked.
  std::function<absl::StatusOr<SendOutcome>(const std::string& key, SteadyTime deadline)> find;
  // It takes one message per key within this time. Zero: it has no such promise.
  absl::Duration idempotency_window;
  absl::Duration timeout = absl::Seconds(10);      // longest exchange
  absl::Duration give_up_after = absl::Hours(12);  // of refusals; then it goes another way
  int workers = 0;                                 // messages sent at a time; 0: as of all kinds
  double rate = 0;                                 // most messages per second; 0: no limit
};

// What it needs. Everything must outlive the kind.
struct Sending {
  const edge::Host& host;
  pg::Pool& pool;
  const SendingPolicy& policy;
  Carrier carrier;
};

// The machine's kind that sends one message per delivery.
tasks::MachineKind SendKind(const Sending& parts);

}  // namespace xxt::notification::channel

#endif  // XXT_SERVICES_NOTIFICATION_CHANNEL_SENDING_H_
