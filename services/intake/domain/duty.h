#ifndef XXT_SERVICES_INTAKE_DOMAIN_DUTY_H_
#define XXT_SERVICES_INTAKE_DOMAIN_DUTY_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/calendar/opening_hours.h"

namespace xxt::intake {

// A government service hall with a listening window.
struct Hall {
  std::string name;           // "halls/110102016"
  std::string title;          // "陶然亭街道政务服务中心"
  std::string opening_hours;  // as calendar::OpeningHours reads it
  std::string phone_number;   // as a person reads it
};

// Somebody who works at a window.
struct Staff {
  std::string name;  // "staff/wang"
  std::string display_name;
  std::string hall;
};

// The one called `name`; nullptr if not among `people`.
const Staff* FindStaff(const std::vector<Staff>& people, absl::string_view name);

// The district of a hall, as GB/T 2260 numbers it: 110102 of "halls/110102016".
// 0 if `hall` is no hall's name.
int DivisionOf(absl::string_view hall);

// The moment `span` of opening time after `start`: 4 hours from 16:30 at a hall
// that closes at 17:30 is 12:00 of the next working day. `span` is at least 0.
absl::Time AddOpenTime(const calendar::OpeningHours& hours, absl::Time start, absl::Duration span);

// Reads the hall's hours. Errors: INTERNAL; halls come from migrations.
absl::StatusOr<calendar::OpeningHours> HoursOf(const Hall& hall);

}  // namespace xxt::intake

#endif  // XXT_SERVICES_INTAKE_DOMAIN_DUTY_H_
