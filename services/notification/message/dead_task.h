#ifndef XXT_SERVICES_NOTIFICATION_MESSAGE_DEAD_TASK_H_
#define XXT_SERVICES_NOTIFICATION_MESSAGE_DEAD_TASK_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/edge/slice.h"
#include "common/store/tx.h"
#include "common/tasks/task.h"

// A task about a message that the machine gave up is shown to a person.
namespace xxt::notification::message {

// Queues the task of the people of its hall who look at it, also if the message
// cannot be read: an edge::DeadBody.
absl::Status ShowDead(Tx& tx, const tasks::Task& dead, absl::string_view reason);

// The desk's kind of all that the machine gave up in this service.
inline constexpr char kDeadTaskKind[] = "notification.dead_task";
tasks::DeskKind DeadTaskKind(const edge::Host& host);

}  // namespace xxt::notification::message

#endif  // XXT_SERVICES_NOTIFICATION_MESSAGE_DEAD_TASK_H_
