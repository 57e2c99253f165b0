#ifndef XXT_SERVICES_NOTIFICATION_MESSAGE_SENDING_POLICY_RULES_H_
#define XXT_SERVICES_NOTIFICATION_MESSAGE_SENDING_POLICY_RULES_H_

#include <string>

#include "absl/time/time.h"
#include "common/calendar/opening_hours.h"

namespace xxt::notification {

// What the SMS gateway can be relied on for, what else carries messages, and when people are disturbed.
struct SendingPolicy {
  // When people at the windows make calls.
  calendar::OpeningHours call_hours;
  // The gateway takes one message per key within this time; later the same key
  // is a new message. Zero: it has no such promise.
  absl::Duration idempotency_window = absl::Hours(24);
  // It can be asked what became of a message.
  bool queryable = false;
  // It sends receipts. Without them, accepted is the most that is ever known.
  bool gives_receipts = true;
  // Business time without a receipt after which a person looks at it.
  absl::Duration receipt_timeout = absl::Hours(48);
  // Text messages are sent from `quiet_until` to `quiet_from`, Shanghai time;
  // urgent ones at any hour. Hours of the day. Story 55 asks for quiet hours;
  // the hours are our choice, no statute sets them for such messages.
  int quiet_until = 8;
  int quiet_from = 21;
  // Calls without an answer after which the person counts as not reached.
  int call_tries = 3;
  // There is a mail server. What it takes is told: mail has no receipts.
  bool sends_email = false;
  // There is an account at WeChat, and a system of the district that shows people their messages: likewise.
  bool sends_wechat = false;
  bool sends_webhook = false;
  // Business time after which a posted letter should be there, and a person asks whether it is. Seven days are our
  // choice: an ordinary letter within Beijing takes two to three.
  absl::Duration letter_takes = absl::Hours(7 * 24);
  // A pause of a channel that has no end is asked about after so long, and again; none is made that is longer. Both are
  // our choice: no statute knows such pauses, and what waits may be looked for in vain for a day, not for a season.
  absl::Duration pause_asked_after = absl::Hours(24);
  absl::Duration longest_pause = absl::Hours(31 * 24);
  // Whose people are asked.
  std::string pause_desk_hall = "halls/110102";
};

// Hours of the day, Shanghai time, in which somebody does not want to be written to:
// 13 to 15, or, over midnight, 19 to 10. None if both are the same.
struct QuietHours {
  int from = 0;
  int until = 0;
};

// Returns the first moment from `t` on at which a text message may be sent. Whose own
// quiet hours leave nothing of the day is written to in those that are nobody's.
absl::Time EarliestSms(const SendingPolicy& policy, bool urgent, absl::Time t, const QuietHours& own = {});

// Returns when to call again somebody who was not reached at `now`: when the
// windows open next, not counting the present opening.
absl::Time NextCall(const SendingPolicy& policy, absl::Time now);

}  // namespace xxt::notification

#endif  // XXT_SERVICES_NOTIFICATION_MESSAGE_SENDING_POLICY_RULES_H_
