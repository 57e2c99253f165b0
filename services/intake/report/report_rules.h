#ifndef XXT_SERVICES_INTAKE_REPORT_REPORT_RULES_H_
#define XXT_SERVICES_INTAKE_REPORT_REPORT_RULES_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/civil_time.h"
#include "common/status/errors.h"

// What figures of a report are made of counts. How each is counted says report.proto.
namespace xxt::intake::report {

// A quarter of the year: so much is read at a time, and no more.
inline constexpr int kMostDays = 92;
// A group of fewer cases might tell of a person.
inline constexpr std::int64_t kLeastCases = 5;

// Returns what is wrong with the days from `first` on and before `end`; nothing if they will do.
std::optional<errors::Violation> FindPeriodFault(absl::CivilDay first, absl::CivilDay end);

// Basis points, rounded down, so that 10000 is all and not nearly all. Nullopt: of nothing.
std::optional<int> RateOf(std::int64_t numerator, std::int64_t denominator);

struct Cause {
  std::string service_item;
  int difficulty = 0;
  std::int64_t cases = 0;
};

// Takes those that are too few out of `causes`. Returns how many of `total` are in none of those left.
std::int64_t Fold(std::int64_t total, std::vector<Cause>& causes);

}  // namespace xxt::intake::report

#endif  // XXT_SERVICES_INTAKE_REPORT_REPORT_RULES_H_
