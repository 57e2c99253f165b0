#ifndef XXT_SERVICES_INTAKE_STORAGE_DUTY_STORE_H_
#define XXT_SERVICES_INTAKE_STORAGE_DUTY_STORE_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/pg/session.h"
#include "services/intake/domain/duty.h"
#include "services/intake/domain/rota.h"

// Halls, staff and the rota.
namespace xxt::intake::duty_store {

// A hall and who may take the next person there.
struct Duty {
  Hall hall;
  std::vector<Shift> shifts;  // the first that somebody sits in and that ends after the moment asked for; or none
  std::vector<Staff> people;  // of that shift, the deputy too
};

// Everything that picking an officer takes, in one statement.
// Errors: NOT_FOUND (no such hall).
absl::StatusOr<Duty> Load(pg::Session& session, absl::string_view hall, absl::Time now);

// A hall and the name of one who works there.
struct Window {
  Hall hall;
  std::string officer;  // empty if not on the staff list
};
// Errors: NOT_FOUND (hall).
absl::StatusOr<Window> LoadWindow(pg::Session& session, absl::string_view hall, absl::string_view staff);

// Errors: NOT_FOUND.
absl::StatusOr<Hall> LoadHall(pg::Session& session, absl::string_view hall);

// Halls after `after` by code, at most `limit`.
absl::StatusOr<std::vector<Hall>> ListHalls(pg::Session& session, absl::string_view after, int limit);

// Errors: NOT_FOUND.
absl::StatusOr<Staff> GetStaff(pg::Session& session, absl::string_view name);

// Who works at `hall`, after `after` by name, at most `limit`.
absl::StatusOr<std::vector<Staff>> ListStaff(pg::Session& session, absl::string_view hall, absl::string_view after,
                                             int limit);

// The shifts of one day, by time.
absl::StatusOr<std::vector<Shift>> LoadDay(pg::Session& session, absl::string_view hall, absl::CivilDay day);

// Those of `names` that are staff of `hall`.
absl::StatusOr<std::vector<Staff>> LoadStaff(pg::Session& session, absl::string_view hall,
                                             const std::vector<std::string>& names);

// The shifts of one day, after taking the hall's rota for this transaction: two
// replacements of one hall wait for each other.
absl::StatusOr<std::vector<Shift>> LoadDayForChange(pg::Session& session, absl::string_view hall, absl::CivilDay day);

// Queues the replacement of the shifts of `day`.
void ReplaceDay(pg::Session& session, absl::string_view hall, absl::CivilDay day, const std::vector<Shift>& shifts);

}  // namespace xxt::intake::duty_store

#endif  // XXT_SERVICES_INTAKE_STORAGE_DUTY_STORE_H_
