#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "common/fault/crash_point.h"
#include "common/status/macros.h"
#include "common/tasks/desk.h"
#include "services/referral/chase/steps.h"
#include "services/referral/chase/work.h"
#include "services/referral/referrals/dead_task.h"

namespace xxt::referral::chase {
namespace {

// Whether a reminder still waits for a person who rings, or for the mail system.
absl::StatusOr<bool> HasUnsaid(Tx& tx, const v1::Referral& referral) {
  if (!referral.mail_due().empty()) return true;
  tasks::TaskFilter filter;
  filter.halls = identity::HallScope::All();
  filter.subject = referral.name();
  filter.include_future = true;
  filter.now = tx.now;
  filter.limit = 500;
  XXT_ASSIGN_OR_RETURN(const std::vector<tasks::ListedTask> open, tasks::ListTasks(tx.session, filter));
  return std::any_of(open.begin(), open.end(), [](const tasks::ListedTask& listed) {
    const std::string& kind = listed.task.kind;
    return kind == kCarryKind || kind == kMailTroubleKind;
  });
}

// The body was silent until next_action_time.
absl::Status OnSilence(const ContactPolicy& contacts, Tx& tx, const tasks::Task& task) {
  XXT_ASSIGN_OR_RETURN(Chased chased, LoadForChange(tx, task.subject));
  if (referrals::HasEnded(chased.referral)) return absl::OkStatus();
  XXT_ASSIGN_OR_RETURN(const bool unsaid, HasUnsaid(tx, chased.referral));
  XXT_RETURN_IF_ERROR(Advance(tx, &chased, SilenceElapsed{unsaid}));
  XXT_RETURN_IF_ERROR(MindContact(tx, contacts, chased));
  XXT_CRASH_POINT("referral.silence_noted");
  // Also when it came early and nothing followed: the timer is set again.
  Save(tx, &chased);
  return absl::OkStatus();
}

}  // namespace

tasks::MachineKind SilenceKind(const edge::Host& host, const ContactPolicy& contacts) {
  return edge::Timer(host, kChaseKind, std::bind_front(OnSilence, std::cref(contacts)), referrals::ShowDead);
}

}  // namespace xxt::referral::chase
