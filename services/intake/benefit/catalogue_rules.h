#ifndef XXT_SERVICES_INTAKE_BENEFIT_CATALOGUE_RULES_H_
#define XXT_SERVICES_INTAKE_BENEFIT_CATALOGUE_RULES_H_

#include <string>
#include <vector>

#include "absl/time/civil_time.h"
#include "common/status/errors.h"

// What a benefit of the catalogue may say.
namespace xxt::intake::benefit {

struct RuleFacts {
  absl::CivilDay valid_from;
  absl::CivilDay valid_to = absl::CivilDay::max();
  std::vector<int> kinds;  // that it tests
  std::vector<std::string> excludes;
};

// Whether a rule holds on `day`.
bool HoldsOn(absl::CivilDay valid_from, absl::CivilDay valid_to, absl::CivilDay day);

// Everything that is wrong with the rules of `benefit` by themselves: a time that ends before it begins or begins
// before the one before it has ended, two tests of one kind, a benefit that excludes itself or another twice.
std::vector<errors::Violation> FindRuleFaults(const std::string& benefit, const std::vector<RuleFacts>& rules);

}  // namespace xxt::intake::benefit

#endif  // XXT_SERVICES_INTAKE_BENEFIT_CATALOGUE_RULES_H_
