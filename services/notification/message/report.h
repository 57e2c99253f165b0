#ifndef XXT_SERVICES_NOTIFICATION_MESSAGE_REPORT_H_
#define XXT_SERVICES_NOTIFICATION_MESSAGE_REPORT_H_

#include "common/edge/slice.h"
#include "common/pg/pool.h"
#include "common/store/tx.h"
#include "common/tasks/task.h"
#include "services/notification/message/delivery.h"
#include "services/notification/message/intake_peer.h"
#include "xixinting/notification/v1/message.pb.h"

// What the case is told of a message: each report is a row, and a task of its id.
namespace xxt::notification::message {

inline constexpr char kReportCaseKind[] = "message.report_case";  // machine

// Tells the case what became of the message, which is in the state that is told, by
// `channel`. Counts it in the message, which the caller saves.
void Report(Tx& tx, v1::Message& message, common::Channel channel);

// Writes a report into the case, once, for the task's id is the request's. All must
// outlive the kind.
tasks::MachineKind ReportCaseKind(const edge::Host& host, pg::Pool& pool, IntakeClient& intake);

}  // namespace xxt::notification::message

#endif  // XXT_SERVICES_NOTIFICATION_MESSAGE_REPORT_H_
