#ifndef XXT_SERVICES_NOTIFICATION_CHANNEL_CHANNEL_H_
#define XXT_SERVICES_NOTIFICATION_CHANNEL_CHANNEL_H_

#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/store/tx.h"
#include "services/notification/message/delivery.h"
#include "services/notification/message/sending_policy_rules.h"
#include "xixinting/notification/v1/channel.pb.h"

// The machine's channels and their pauses. Whether one is paused stands in its row alone, which every process reads
// before each try: there is no switch in a process.
namespace xxt::notification::channel {

// When the pause of `channel` ends, or a person is asked about it; nullopt if it is not paused. `keep`: nobody
// pauses or resumes it until this transaction ends.
absl::StatusOr<std::optional<absl::Time>> PausedUntil(Tx& tx, common::Channel channel, bool keep = false);

// PauseChannel and ResumeChannel. Errors: RESOURCE_NOT_FOUND, STATE_FORBIDS; FIELD_INVALID (until_time).
absl::Status Pause(const SendingPolicy& policy, Tx& tx, const v1::PauseChannelRequest& request, v1::Channel& found);
absl::Status Resume(const SendingPolicy& policy, Tx& tx, const v1::ResumeChannelRequest& request, v1::Channel& found);

}  // namespace xxt::notification::channel

#endif  // XXT_SERVICES_NOTIFICATION_CHANNEL_CHANNEL_H_
