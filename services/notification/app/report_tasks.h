#ifndef XXT_SERVICES_NOTIFICATION_APP_REPORT_TASKS_H_
#define XXT_SERVICES_NOTIFICATION_APP_REPORT_TASKS_H_

#include "common/pg/pool.h"
#include "common/tasks/task.h"
#include "services/notification/peers/intake_client.h"

namespace xxt::notification::app {

// Writes what became of a message into its case, once per report: the task's
// id is the request's. Both must outlive the kind.
tasks::MachineKind ReportCaseKind(pg::Pool& pool, IntakeClient& intake);

}  // namespace xxt::notification::app

#endif  // XXT_SERVICES_NOTIFICATION_APP_REPORT_TASKS_H_
