#ifndef XXT_SERVICES_REFERRAL_APP_MACHINE_TASKS_H_
#define XXT_SERVICES_REFERRAL_APP_MACHINE_TASKS_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/concurrency/steady_time.h"
#include "common/edge/slice.h"
#include "common/pg/pool.h"
#include "common/tasks/task.h"
#include "services/referral/app/settings.h"
#include "services/referral/domain/case_seen.h"
#include "services/referral/domain/mail.h"
#include "services/referral/storage/payload.h"

// What the machine does by itself: send mail, wake the chase, warn of a
// cut-off, tell the case.
namespace xxt::referral::app {

// Sends a mail; answers at the latest at `deadline`.
using SendMail = std::function<SendOutcome(const OutboundMail& mail, SteadyTime deadline)>;

// What the case is told of a referral.
struct CaseReport {
  std::string request_id;
  std::string referral;
  std::string case_name;
  std::string paper_title;
  std::string body_title;
  ReportPayload told;
};
// Tells the intake service; answers what it says. Repeats with the same
// request_id are harmless.
using ReportCase = std::function<absl::Status(const CaseReport& report, SteadyTime deadline)>;

// Asks the intake service. Errors: NOT_FOUND; others: ask again later.
using LookUpCase = std::function<absl::StatusOr<CaseSeen>(const std::string& case_name, SteadyTime deadline)>;

// All of them must outlive the kinds.
struct MachineParts {
  const edge::Host& host;
  pg::Pool& pool;
  const Settings& settings;
  SendMail send_mail;
  ReportCase report_case;
  LookUpCase look_up_case;
};
std::vector<tasks::MachineKind> MachineKinds(const MachineParts& parts);

}  // namespace xxt::referral::app

#endif  // XXT_SERVICES_REFERRAL_APP_MACHINE_TASKS_H_
