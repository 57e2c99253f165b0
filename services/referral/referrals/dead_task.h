#ifndef XXT_SERVICES_REFERRAL_REFERRALS_DEAD_TASK_H_
#define XXT_SERVICES_REFERRAL_REFERRALS_DEAD_TASK_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/store/tx.h"
#include "common/tasks/task.h"

namespace xxt::referral::referrals {

// Shows the owner of the referral, or the people of its hall if it cannot be read,
// that the machine could not do a task about it or what hangs on it: an edge::DeadBody.
absl::Status ShowDead(Tx& tx, const tasks::Task& dead, absl::string_view reason);

}  // namespace xxt::referral::referrals

#endif  // XXT_SERVICES_REFERRAL_REFERRALS_DEAD_TASK_H_
