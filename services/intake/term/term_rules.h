#ifndef XXT_SERVICES_INTAKE_TERM_TERM_RULES_H_
#define XXT_SERVICES_INTAKE_TERM_TERM_RULES_H_

#include <optional>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/calendar/working_days.h"

// How the days of a term are counted, and when it is looked at.
namespace xxt::intake {

// The proto's numbers.
enum class TermKind { kRespond = 1, kPromise = 2, kStatutory = 3, kSilence = 4 };
enum class PauseGround {
  kAppraisal = 1,
  kInspection = 2,
  kHearing = 3,
  kExpertReview = 4,
  kWaitsForPerson = 5,
  kWaitsForBody = 6
};

// A time that is not counted: the days from `from` on, before `until`. The day on which a clock is stopped is not used
// up, the day on which it runs on is.
struct Pause {
  absl::CivilDay from;
  absl::CivilDay until;
};

// The last day of a term: the `workdays`-th working day (1 or more) after `start` that lies in none of `pauses`. These
// are in the order of time, and share no day.
calendar::DayResult LastDayOf(absl::CivilDay start, int workdays, const std::vector<Pause>& pauses,
                              const calendar::WorkingDays& days);

// Whether `ground` stops the clock of such a term. Of one that law sets it is what the Administrative Licensing Law,
// 45, names; what the window itself has said waits for people and bodies, too.
bool StopsFor(TermKind kind, PauseGround ground);

// The widest warning that was given of a term, in working days that were left: no wider one is given again.
// Warnings lie 5, 3, 1 and 0 working days before the last day, at nine; no rule sets them.

// The warning that is to be given now, the tightest that is reached; nullopt: none.
std::optional<int> WarningReached(absl::CivilDay last_day, int warned, absl::Time now,
                                  const calendar::WorkingDays& days);

// When a running term is to be looked at next: at its next warning, or when it is over.
absl::Time NextLook(absl::CivilDay last_day, int warned, const calendar::WorkingDays& days);

}  // namespace xxt::intake

#endif  // XXT_SERVICES_INTAKE_TERM_TERM_RULES_H_
