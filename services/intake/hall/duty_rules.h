#ifndef XXT_SERVICES_INTAKE_HALL_DUTY_RULES_H_
#define XXT_SERVICES_INTAKE_HALL_DUTY_RULES_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/calendar/opening_hours.h"

// What follows from a hall's name and its opening hours.
namespace xxt::intake::hall {

// The district of a hall, as GB/T 2260 numbers it: 110102 of "halls/110102016".
// 0 if `name` is no hall's name.
int DivisionOf(absl::string_view name);

// The moment `span` of opening time after `start`: 4 hours from 16:30 at a hall
// that closes at 17:30 is 12:00 of the next working day. `span` is at least 0.
absl::Time AddOpenTime(const calendar::OpeningHours& hours, absl::Time start, absl::Duration span);

// Reads a hall's hours. Errors: INTERNAL; nobody but migrations writes them.
absl::StatusOr<calendar::OpeningHours> HoursOf(absl::string_view opening_hours);

}  // namespace xxt::intake::hall

#endif  // XXT_SERVICES_INTAKE_HALL_DUTY_RULES_H_
