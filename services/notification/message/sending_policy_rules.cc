#include "services/notification/message/sending_policy_rules.h"

#include <algorithm>
#include <vector>

#include "common/calendar/shanghai_time.h"

namespace xxt::notification {

namespace {

// The end of the night that `t` is in; `t` by day.
absl::Time AfterNight(const SendingPolicy& policy, absl::Time t) {
  const absl::CivilDay day = calendar::ToCivilDay(t);
  const absl::Time opens = calendar::AtTimeOfDay(day, policy.quiet_until, 0);
  if (t < opens) return opens;
  if (t < calendar::AtTimeOfDay(day, policy.quiet_from, 0)) return t;
  return calendar::AtTimeOfDay(day + 1, policy.quiet_until, 0);
}

// The end of the hours that `t` is in; `t` in none.
absl::Time After(const QuietHours& hours, absl::Time t) {
  if (hours.from == hours.until) return t;
  const absl::CivilDay day = calendar::ToCivilDay(t);
  const absl::Time from = calendar::AtTimeOfDay(day, hours.from, 0);
  const absl::Time until = calendar::AtTimeOfDay(day, hours.until, 0);
  if (hours.from < hours.until) return from <= t && t < until ? until : t;
  if (t < until) return until;
  return t < from ? t : calendar::AtTimeOfDay(day + 1, hours.until, 0);
}

}  // namespace

absl::Time EarliestSms(const SendingPolicy& policy, bool urgent, absl::Time t, const QuietHours& own) {
  if (urgent) return t;
  const absl::Time of_all = AfterNight(policy, t);
  // Own hours may end by night, and the night in own hours.
  absl::Time earliest = of_all;
  for (int i = 0; i < 2; ++i) earliest = AfterNight(policy, After(own, earliest));
  return After(own, earliest) == earliest ? earliest : of_all;
}

absl::Time NextCall(const SendingPolicy& policy, absl::Time now) {
  absl::Time closes = now;
  for (const calendar::OpenSpan& span : policy.call_hours.SpansOn(calendar::ToCivilDay(now))) {
    if (span.start <= now && now < span.end) closes = span.end;
  }
  return policy.call_hours.NextOpen(closes);
}

}  // namespace xxt::notification
