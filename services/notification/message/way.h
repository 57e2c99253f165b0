#ifndef XXT_SERVICES_NOTIFICATION_MESSAGE_WAY_H_
#define XXT_SERVICES_NOTIFICATION_MESSAGE_WAY_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "services/notification/message/delivery.h"
#include "services/notification/message/sending_policy_rules.h"
#include "services/notification/message/way_rules.h"
#include "xixinting/notification/v1/message.pb.h"

// By which channel a message goes to its recipient (way_rules.h).
namespace xxt::notification::message {

// What leads to the recipient in time: not before the words of the message are true any more.
Reachable ReachOf(const SendingPolicy& policy, const v1::Message& message, absl::Time now);

// The channel of a new message.
common::Channel FirstChannel(const SendingPolicy& policy, const v1::Message& message, absl::Time now);

// The channel to go on with once the tries that there are have failed; CHANNEL_UNSPECIFIED if all were tried.
common::Channel NextChannel(const SendingPolicy& policy, const v1::Message& message, absl::Time now);

// The first moment from `t` on at which the message may go by this channel: not before its own time; in what makes a
// telephone ring, as a text does, not by night, nor when the recipient does not want it.
absl::Time EarliestBy(const SendingPolicy& policy, const v1::Message& message, common::Channel channel, absl::Time t);

// Whether the channel leads to the recipient at all, now or later. Of a call it does: who has no telephone is told at
// the window.
bool LeadsTo(const SendingPolicy& policy, const v1::Recipient& recipient, common::Channel channel);

// Why a person tells it at once, for people; empty if the channel is the machine's.
std::string WhyByPerson(const SendingPolicy& policy, const v1::Message& message, common::Channel channel);

// "短信"
absl::string_view TitleOf(common::Channel channel);

// Errors: FIELD_INVALID if nobody can be told as they ask. `path` leads to the recipient.
absl::Status CheckPreferred(const v1::Recipient& recipient, absl::string_view path);

}  // namespace xxt::notification::message

#endif  // XXT_SERVICES_NOTIFICATION_MESSAGE_WAY_H_
