#ifndef XXT_SERVICES_INTAKE_HALL_ROTA_RULES_H_
#define XXT_SERVICES_INTAKE_HALL_ROTA_RULES_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/calendar/opening_hours.h"
#include "common/status/errors.h"

// The duty rota (轮值): who takes the next person at a window.
namespace xxt::intake::hall {

// One officer's turn, [start_time, end_time), on one day in Shanghai.
struct Shift {
  absl::Time start_time;
  absl::Time end_time;
  std::string staff;
  // Stands by, and takes over while the officer is away. Empty: nobody.
  std::string deputy;
  // The officer is away.
  bool away = false;
};

// Who was picked.
struct DutyPick {
  std::string staff;
  // True if nobody is on duty now and this is the next shift's officer.
  bool later = false;
  // Now, or the start of that shift.
  absl::Time attend_time;
};

// Picks who takes a person arriving at `now`: the officer on duty; if away, the deputy;
// if there is none, the first officer (or deputy) of a later shift, with `later` set.
// `shifts` may be in any order and of any days.
// Nobody, if nobody is on the rota from `now` on: the person goes to the leader.
std::optional<DutyPick> PickDutyOfficer(const std::vector<Shift>& shifts, absl::Time now);

// The first thing that is wrong with `shifts` as the rota of `day`, if anything is. Of
// one shift, by its index ("rota.shifts[1].end_time"): it is not within the day, does
// not end after it starts, has no officer, has its officer as deputy, or overlaps another. Of all of
// them ("rota.shifts"): a gap, in which the hall is open on that day and nobody there.
std::optional<errors::Violation> FindRotaFault(const std::vector<Shift>& shifts, absl::CivilDay day,
                                               const calendar::OpeningHours& hours);

}  // namespace xxt::intake::hall

#endif  // XXT_SERVICES_INTAKE_HALL_ROTA_RULES_H_
