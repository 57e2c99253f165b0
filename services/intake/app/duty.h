#ifndef XXT_SERVICES_INTAKE_APP_DUTY_H_
#define XXT_SERVICES_INTAKE_APP_DUTY_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/calendar/opening_hours.h"
#include "common/identity/caller.h"
#include "common/pg/session.h"
#include "services/intake/domain/duty.h"
#include "services/intake/domain/rota.h"
#include "services/intake/storage/duty_cache.h"
#include "services/intake/storage/duty_store.h"

namespace xxt::intake::app {

struct HallPage {
  std::vector<Hall> halls;
  std::string next_after;  // empty on the last page
};

// Halls by code, after the one called `after`.
absl::StatusOr<HallPage> ListHalls(pg::Session& session, absl::string_view after, int page_size);

// Errors: RESOURCE_NOT_FOUND.
absl::StatusOr<Hall> GetHall(pg::Session& session, absl::string_view name);

struct StaffPage {
  std::vector<Staff> people;
  std::string next_after;  // empty on the last page
};

// Who works at `hall`, by name, after the one called `after`. Errors: RESOURCE_NOT_FOUND (hall).
absl::StatusOr<StaffPage> ListStaff(pg::Session& session, absl::string_view hall, absl::string_view after,
                                    int page_size);

// Errors: RESOURCE_NOT_FOUND.
absl::StatusOr<Staff> GetStaff(pg::Session& session, absl::string_view name);

// The opening hours of `hall`. Errors: RESOURCE_NOT_FOUND.
absl::StatusOr<calendar::OpeningHours> LoadHours(pg::Session& session, absl::string_view hall);

// Who takes a person who arrives at `at`. Errors: NOBODY_ON_DUTY.
absl::StatusOr<DutyPick> PickFrom(const duty_store::Duty& duty, absl::Time at);

// The rota of one hall for one day.
struct Rota {
  std::string hall;
  absl::CivilDay day;
  std::vector<Shift> shifts;
};

// One day as it was made; without shifts if none was. Errors: RESOURCE_NOT_FOUND (hall), OTHER_HALL.
absl::StatusOr<Rota> GetRota(pg::Session& session, const identity::Caller& caller, absl::string_view hall,
                             absl::CivilDay day);

// Replaces a day of the rota as a whole.
// Errors: RESOURCE_NOT_FOUND (hall), OTHER_HALL, FIELD_INVALID (a shift that
// does not fit, staff of another hall, the first gap in the opening hours).
absl::StatusOr<Rota> ReplaceRota(pg::Session& session, DutyCache& duties, const identity::Caller& caller,
                                 const Rota& rota, absl::Time now);

struct DutyOfficer {
  Staff staff;
  bool later = false;
  absl::Time attend_time;
};

// Who takes the next person at `at`. Errors: RESOURCE_NOT_FOUND (hall), NOBODY_ON_DUTY.
absl::StatusOr<DutyOfficer> LookupDutyOfficer(pg::Session& session, absl::string_view hall, absl::Time at);

}  // namespace xxt::intake::app

#endif  // XXT_SERVICES_INTAKE_APP_DUTY_H_
