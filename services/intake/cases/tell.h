#ifndef XXT_SERVICES_INTAKE_CASES_TELL_H_
#define XXT_SERVICES_INTAKE_CASES_TELL_H_

#include "common/edge/slice.h"
#include "common/pg/pool.h"
#include "common/store/tx.h"
#include "common/tasks/task.h"
#include "services/intake/cases/cases.h"
#include "services/intake/cases/notification_peer.h"
#include "services/intake/cases/telling_rules.h"

namespace xxt::intake::cases {

inline constexpr char kTellKind[] = "case.tell";

// Queues telling the applicant of `about`. Each event of a case is told once.
void TellApplicant(Tx& tx, const v1::Case& about, const Message& message);

// The machine's kind "case.tell": looks up the applicant, the officer and the
// hall, and hands the message to the notification service, unless the case has
// moved on (telling_rules.h). What is refused for good, or never gets through,
// becomes a task of the hall's people.
// All references must outlive the result.
tasks::MachineKind TellKind(const edge::Host& host, pg::Pool& pool, Notification& notification);

}  // namespace xxt::intake::cases

#endif  // XXT_SERVICES_INTAKE_CASES_TELL_H_
