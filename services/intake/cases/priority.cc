#include "services/intake/cases/priority.h"

#include <cstdint>

#include "absl/strings/str_cat.h"
#include "common/edge/noun.h"
#include "services/intake/cases/priority_rules.h"
#include "xixinting/common/v1/noun.pb.h"

namespace xxt::intake::cases {

// The rules' numbers are the proto's.
static_assert(static_cast<int>(PriorityLevel::kNormal) == v1::Priority::LEVEL_NORMAL);
static_assert(static_cast<int>(PriorityLevel::kHigh) == v1::Priority::LEVEL_HIGH);
static_assert(static_cast<int>(PriorityLevel::kUrgent) == v1::Priority::LEVEL_URGENT);

absl::Status GrantPriority(const Policy& policy, Tx& tx, const v1::GrantPriorityRequest& request, v1::Case& found) {
  XXT_ASSIGN_OR_RETURN(found, LockOpen(tx, request.name(), request.etag()));
  v1::Priority& priority = *found.mutable_priority();
  priority.set_level(request.level());
  priority.set_reason(request.reason());
  priority.set_grantor(tx.caller.subject);
  rpc::ToProto(tx.now, priority.mutable_grant_time());
  // Kept with the case: another configuration moves nobody's place.
  const absl::Duration head_start = HeadStartOf(static_cast<PriorityLevel>(request.level()), policy);
  priority.set_head_start_minutes(static_cast<std::int32_t>(absl::ToInt64Minutes(head_start)));
  const auto* level = v1::Priority::Level_descriptor()->FindValueByNumber(request.level());
  Save(tx, found, "case.priority_granted.v1",
       absl::StrCat("优先等级：", level->options().GetExtension(::xixinting::common::v1::value_zh)));
  return absl::OkStatus();
}

}  // namespace xxt::intake::cases
