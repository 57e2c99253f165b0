#ifndef XXT_SERVICES_REFERRAL_APP_MACHINE_TASKS_H_
#define XXT_SERVICES_REFERRAL_APP_MACHINE_TASKS_H_

#include <functional>
#include <vector>

#include "common/concurrency/steady_time.h"
#include "common/edge/slice.h"
#include "common/pg/pool.h"
#include "common/tasks/task.h"
#include "services/referral/app/settings.h"
#include "services/referral/domain/mail.h"
#include "services/referral/referrals/intake_peer.h"

// What the machine does by itself: send mail, wake the chase, tell the case.
namespace xxt::referral::app {

// Sends a mail; returns at the latest at `deadline`.
using SendMail = std::function<SendOutcome(const OutboundMail& mail, SteadyTime deadline)>;

// All of them must outlive the kinds.
struct MachineParts {
  const edge::Host& host;
  pg::Pool& pool;
  const Settings& settings;
  SendMail send_mail;
  const Intake& intake;
};
std::vector<tasks::MachineKind> MachineKinds(const MachineParts& parts);

}  // namespace xxt::referral::app

#endif  // XXT_SERVICES_REFERRAL_APP_MACHINE_TASKS_H_
