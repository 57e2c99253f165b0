#ifndef XXT_SERVICES_NOTIFICATION_APP_DESK_TASKS_H_
#define XXT_SERVICES_NOTIFICATION_APP_DESK_TASKS_H_

#include <vector>

#include "absl/status/status.h"
#include "common/pg/session.h"
#include "common/tasks/task.h"
#include "services/notification/domain/sending_policy.h"

namespace xxt::notification::app {

// What people do for messages: call, clear up a doubt, look at a task that the
// machine gave up. `policy` must outlive the kinds.
std::vector<tasks::DeskKind> DeskKinds(const SendingPolicy& policy);

// Queues the task of a person who looks at `task`, which the machine gave up.
absl::Status ShowDeadTask(pg::Session& session, const tasks::Task& task);

}  // namespace xxt::notification::app

#endif  // XXT_SERVICES_NOTIFICATION_APP_DESK_TASKS_H_
