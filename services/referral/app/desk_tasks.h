#ifndef XXT_SERVICES_REFERRAL_APP_DESK_TASKS_H_
#define XXT_SERVICES_REFERRAL_APP_DESK_TASKS_H_

#include <vector>

#include "common/edge/slice.h"
#include "common/tasks/task.h"
#include "services/referral/app/settings.h"

namespace xxt::referral::app {

// What people do for referrals, and what follows from the outcome they tell.
// Kinds without outcomes are settled by a call of their own (RecordReply,
// FileUnmatchedMail).
// What is given must outlive them.
std::vector<tasks::DeskKind> DeskKinds(const edge::Host& host, const Settings& settings);

}  // namespace xxt::referral::app

#endif  // XXT_SERVICES_REFERRAL_APP_DESK_TASKS_H_
