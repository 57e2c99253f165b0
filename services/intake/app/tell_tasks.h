#ifndef XXT_SERVICES_INTAKE_APP_TELL_TASKS_H_
#define XXT_SERVICES_INTAKE_APP_TELL_TASKS_H_

#include "common/pg/pool.h"
#include "common/pg/session.h"
#include "common/tasks/task.h"
#include "services/intake/domain/case.h"
#include "services/intake/domain/message.h"
#include "services/intake/peers/notification.h"

namespace xxt::intake::app {

// Queues telling the applicant of `about`. Each event of a case is told once.
void TellApplicant(pg::Session& session, const Case& about, const Message& message);

// The machine's kind "case.tell": looks up the applicant, the officer and the
// hall, and hands the message to the notification service, unless the case has
// moved on (domain/telling.h). What is refused for good, or never gets through,
// becomes a task of the hall's people.
// Both references must outlive the result.
tasks::MachineKind TellKind(pg::Pool& pool, Notification& notification);

}  // namespace xxt::intake::app

#endif  // XXT_SERVICES_INTAKE_APP_TELL_TASKS_H_
