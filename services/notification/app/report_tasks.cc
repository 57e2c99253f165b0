#include "services/notification/app/report_tasks.h"

#include <string>

#include "absl/time/clock.h"
#include "common/fault/crash_point.h"
#include "common/identifiers/uuid.h"
#include "common/rpc/peer_answer.h"
#include "common/status/macros.h"
#include "services/notification/app/desk_tasks.h"
#include "services/notification/app/outcomes.h"
#include "services/notification/storage/message_store.h"
#include "services/notification/storage/report_store.h"

namespace xxt::notification::app {
namespace {

using tasks::Task;
using tasks::Verdict;

absl::Status Read(pg::Session& session, const std::string& id, CaseReport& found) {
  XXT_ASSIGN_OR_RETURN(const report_store::Report report, report_store::Load(session, id));
  XXT_ASSIGN_OR_RETURN(const Message message, message_store::Load(session, report.message_id));
  const std::string& text = message.WordsBy(report.channel, report.time);
  found = {report.id,      message.name(), message.case_name(), report.version, report.state,
           report.channel, text,           report.time};
  return absl::OkStatus();
}

Verdict Handle(pg::Pool& pool, IntakeClient& intake, const Task& task, SteadyTime deadline) {
  CaseReport report;
  const absl::Status read =
      pg::Read(pool, deadline, [&](pg::Session& session) { return Read(session, task.id, report); });
  if (!read.ok()) return Verdict::Retry("the store is away");
  XXT_CRASH_POINT("notification.before_report");
  if (XXT_PLANTED_BUG("request_id_per_attempt")) report.request_id = identifiers::NewUuid(absl::Now());
  const absl::Status told = intake.ReportMessage(report, deadline);
  XXT_CRASH_POINT("notification.after_report");
  return rpc::VerdictOf(told, "intake");
}

}  // namespace

tasks::MachineKind ReportCaseKind(pg::Pool& pool, IntakeClient& intake) {
  tasks::MachineKind kind = rpc::PeerKind(kReportCaseKind, [&pool, &intake](const Task& task, SteadyTime deadline) {
    return Handle(pool, intake, task, deadline);
  });
  kind.on_dead = [](pg::Session& session, const Task& task, absl::string_view) { return ShowDeadTask(session, task); };
  return kind;
}

}  // namespace xxt::notification::app
