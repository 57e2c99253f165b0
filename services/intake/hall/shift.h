#ifndef XXT_SERVICES_INTAKE_HALL_SHIFT_H_
#define XXT_SERVICES_INTAKE_HALL_SHIFT_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/pg/session.h"
#include "services/intake/hall/hall.h"
#include "services/intake/hall/rota_rules.h"

// Who sits at the window of a hall, and when.
namespace xxt::intake::hall {

// A hall and who may take the next person there.
struct Duty {
  v1::Hall hall;
  std::vector<Shift> shifts;      // the first that somebody sits in and that ends after the moment asked for; or none
  std::vector<v1::Staff> people;  // of that shift, the deputy too

  // As people hear it; empty if not among `people`.
  std::string DisplayNameOf(absl::string_view staff) const;
};

// Everything that picking an officer takes, in one statement; where a case is
// opened, by way of DutyCache. Errors: RESOURCE_NOT_FOUND (no such hall).
absl::StatusOr<Duty> LoadDuty(pg::Session& session, absl::string_view hall, absl::Time now);

// Who takes a person who arrives at `at`. Errors: NOBODY_ON_DUTY.
absl::StatusOr<DutyPick> PickFrom(const Duty& duty, absl::Time at);

}  // namespace xxt::intake::hall

#endif  // XXT_SERVICES_INTAKE_HALL_SHIFT_H_
