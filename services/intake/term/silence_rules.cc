#include "services/intake/term/silence_rules.h"

#include <algorithm>

namespace xxt::intake {
namespace {

// Shanghai has no daylight saving time.
absl::Duration Days(int n) { return absl::Hours(24) * n; }

}  // namespace

ClockLook LookAt(const CaseClocks& clocks, const Policy& policy, absl::Time now) {
  ClockLook look;
  look.last_word = std::max(clocks.opened, clocks.told.value_or(clocks.opened));
  look.silent_from = look.last_word + Days(policy.silence_days);
  const absl::Time notice = look.silent_from - Days(policy.silence_notice_days);
  if (clocks.respond_due.has_value()) look.late_response = clocks.responded.value_or(now) >= *clocks.respond_due;
  const bool over = now >= look.silent_from;
  look.falls_silent = over && !clocks.silent;
  look.heard = !over && clocks.silent && clocks.told.has_value();
  look.tell_no_news = !over && now >= notice && clocks.no_news_since != look.last_word;
  look.next = look.silent_from;
  if (now < notice) look.next = notice;
  if (over) look.next = now + Days(policy.silence_days);
  const bool waits_for_response = clocks.respond_due.has_value() && !clocks.responded.has_value();
  if (waits_for_response && now < *clocks.respond_due) look.next = std::min(look.next, *clocks.respond_due);
  return look;
}

}  // namespace xxt::intake
