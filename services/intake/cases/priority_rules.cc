#include "services/intake/cases/priority_rules.h"

namespace xxt::intake {

absl::Duration HeadStartOf(PriorityLevel level, const Policy& policy) {
  switch (level) {
    case PriorityLevel::kHigh:
      return policy.high_head_start;
    case PriorityLevel::kUrgent:
      return policy.urgent_head_start;
    case PriorityLevel::kNormal:
      break;
  }
  return absl::ZeroDuration();
}

}  // namespace xxt::intake
