#ifndef XXT_SERVICES_INTAKE_HALL_HALL_H_
#define XXT_SERVICES_INTAKE_HALL_HALL_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/calendar/opening_hours.h"
#include "common/pg/session.h"
#include "common/store/tx.h"
#include "xixinting/intake/v1/hall.pb.h"

// Halls, and who works there.
namespace xxt::intake::hall {

namespace v1 = ::xixinting::intake::v1;

// Errors: RESOURCE_NOT_FOUND.
absl::StatusOr<v1::Hall> Load(pg::Session& session, absl::string_view name);

// The opening hours of the hall. Errors: RESOURCE_NOT_FOUND.
absl::StatusOr<calendar::OpeningHours> LoadHours(pg::Session& session, absl::string_view name);

// A hall and the name of one who works there.
struct Window {
  v1::Hall hall;
  std::string officer;  // empty if not on the staff list
};
// Errors: RESOURCE_NOT_FOUND (hall).
absl::StatusOr<Window> LoadWindow(pg::Session& session, absl::string_view hall, absl::string_view staff);

// The hall where somebody works. Errors: RESOURCE_NOT_FOUND.
absl::StatusOr<std::string> HallOf(pg::Session& session, absl::string_view staff);

// What is counted over halls: the one that is asked for, else the caller's, or all. Errors: OTHER_HALL.
absl::StatusOr<std::vector<std::string>> NamesFor(Tx& tx, const std::string& hall);

// The hall of a row that begins with its name, title, opening_hours and phone_number.
v1::Hall ReadHall(const pg::Row& row);

}  // namespace xxt::intake::hall

#endif  // XXT_SERVICES_INTAKE_HALL_HALL_H_
