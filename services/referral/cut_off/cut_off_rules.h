#ifndef XXT_SERVICES_REFERRAL_CUT_OFF_CUT_OFF_RULES_H_
#define XXT_SERVICES_REFERRAL_CUT_OFF_CUT_OFF_RULES_H_

#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/calendar/working_days.h"
#include "services/referral/rule_note/period_rules.h"

namespace xxt::referral {

// A hard cut-off (截止, 不再补办): an irrevocable date set by a body.
struct CutOff {
  // The last day on which the rule itself still allows it.
  absl::CivilDay last_day;
  // The last working day not after last_day: the last day on which somebody at the body
  // can be reached. Rolled backward, never forward: a body's own cut-off enjoys no grace
  // for rest days (Civil Code 203 is about acts owed between parties).
  absl::CivilDay last_safe_day;
  // True if the working days around last_day are not announced yet: last_safe_day may
  // still move, and is to be computed again when they are.
  bool provisional = false;
};

// Computes the cut-off `period` after the day of the anchoring event (the cremation).
//
// The anchor's own day is not counted, so the last day is its corresponding day (Civil
// Code 201, 202); where the last month has none (29 February), the month's end. Years and
// months are added before days.
CutOff ComputeCutOff(absl::CivilDay anchor, const RulePeriod& period, const calendar::WorkingDays& working_days);

// True once the last day is over at `now`: from then on the right is gone, and the case
// needs a person at once.
bool HasLapsed(const CutOff& cut_off, absl::Time now);

// The rung of the day after the last day: it is over.
inline constexpr int kPassedRung = -1;

// One warning that a cut-off comes near, or is over.
struct Warning {
  // 90, 30, 7, 1 or 0: calendar days before last_safe_day; or kPassedRung.
  int rung = 0;
  // The day of the rung.
  absl::CivilDay day;
  // When to tell: 09:00 in Shanghai on `day`, or `now` for a rung already reached. What to tell
  // is what is true when it is told: a warning may come later than its rung.
  absl::Time fire_time;
};

// Returns the warnings still to be given, soonest first.
//
// Rungs whose moment is `now` or past collapse into one warning of the tightest of them,
// fired at `now`: a person is told once, not five times. That it is over is the last; once
// it is, the only one.
std::vector<Warning> WarningsFor(const CutOff& cut_off, absl::Time now);

}  // namespace xxt::referral

#endif  // XXT_SERVICES_REFERRAL_CUT_OFF_CUT_OFF_RULES_H_
