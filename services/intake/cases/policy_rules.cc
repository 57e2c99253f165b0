#include "services/intake/cases/policy_rules.h"

#include "common/calendar/working_days.h"

namespace xxt::intake {

absl::CivilDay LastDayToAct(bool waits, const Policy& policy, absl::CivilDay today) {
  const int workdays = waits ? policy.waiting_workdays : policy.next_action_workdays;
  return calendar::WorkingDays::China().AddWorkdays(today, workdays).day;
}

}  // namespace xxt::intake
