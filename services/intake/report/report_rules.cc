#include "services/intake/report/report_rules.h"

#include <algorithm>

namespace xxt::intake::report {

std::optional<errors::Violation> FindPeriodFault(absl::CivilDay first, absl::CivilDay end) {
  if (first < end && end - first <= kMostDays) return std::nullopt;
  return errors::Violation{"end_day", "须在第一天之后，最多 92 天", "must be after first_day, by at most 92 days"};
}

std::optional<int> RateOf(std::int64_t numerator, std::int64_t denominator) {
  if (denominator <= 0) return std::nullopt;
  return static_cast<int>(numerator * 10'000 / denominator);
}

std::int64_t Fold(std::int64_t total, std::vector<Cause>& causes) {
  causes.erase(
      std::remove_if(causes.begin(), causes.end(), [](const Cause& cause) { return cause.cases < kLeastCases; }),
      causes.end());
  for (const Cause& cause : causes) total -= cause.cases;
  return total;
}

}  // namespace xxt::intake::report
