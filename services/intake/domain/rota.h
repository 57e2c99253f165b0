#ifndef XXT_SERVICES_INTAKE_DOMAIN_ROTA_H_
#define XXT_SERVICES_INTAKE_DOMAIN_ROTA_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/calendar/opening_hours.h"

namespace xxt::intake {

// The duty rota (轮值): who takes the next person at a window.

// One officer's turn, [start_time, end_time), on one day in Shanghai.
struct Shift {
  absl::Time start_time;
  absl::Time end_time;
  std::string staff;
  // Stands by, and takes over while the officer is away. Empty: nobody.
  std::string deputy;
  // The officer is away.
  bool away = false;

  friend bool operator==(const Shift&, const Shift&) = default;
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
// Errors: NOT_FOUND if nobody is on the rota from `now` on: the caller goes to the leader.
absl::StatusOr<DutyPick> PickDutyOfficer(const std::vector<Shift>& shifts, absl::Time now);

// Returns `shifts` with those of `day` replaced, ordered by start.
//
// Errors: INVALID_ARGUMENT naming the shift by its index in `replacement` if it is not
// within `day`, does not end after it starts, has no officer, has its officer as deputy,
// or overlaps another; and naming the first gap if the shifts leave a minute of `hours`
// on that day without anybody.
absl::StatusOr<std::vector<Shift>> ReplaceDay(const std::vector<Shift>& shifts, absl::CivilDay day,
                                              const std::vector<Shift>& replacement,
                                              const calendar::OpeningHours& hours);

}  // namespace xxt::intake

#endif  // XXT_SERVICES_INTAKE_DOMAIN_ROTA_H_
