#include "services/notification/message/sending_policy_rules.h"

#include <algorithm>
#include <vector>

#include "common/calendar/shanghai_time.h"

namespace xxt::notification {

absl::Time EarliestSms(const SendingPolicy& policy, bool urgent, absl::Time t) {
  if (urgent) return t;
  const absl::CivilDay day = calendar::ToCivilDay(t);
  const absl::Time opens = calendar::AtTimeOfDay(day, policy.quiet_until, 0);
  if (t < opens) return opens;
  if (t < calendar::AtTimeOfDay(day, policy.quiet_from, 0)) return t;
  return calendar::AtTimeOfDay(day + 1, policy.quiet_until, 0);
}

absl::Time NextCall(const SendingPolicy& policy, absl::Time now) {
  absl::Time closes = now;
  for (const calendar::OpenSpan& span : policy.call_hours.SpansOn(calendar::ToCivilDay(now))) {
    if (span.start <= now && now < span.end) closes = span.end;
  }
  return policy.call_hours.NextOpen(closes);
}

}  // namespace xxt::notification
