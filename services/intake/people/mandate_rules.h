#ifndef XXT_SERVICES_INTAKE_PEOPLE_MANDATE_RULES_H_
#define XXT_SERVICES_INTAKE_PEOPLE_MANDATE_RULES_H_

#include <string>
#include <vector>

#include "absl/time/civil_time.h"
#include "common/status/errors.h"

namespace xxt::intake {

struct MandateFacts {
  std::string matter;
  bool agent_is_principal = false;
  bool principal_deceased = false;
  bool agent_deceased = false;
  absl::CivilDay first;
  absl::CivilDay last;
};

// Returns what is wrong, nothing if the mandate may stand: it is given by one person who lives to another (Civil Code
// 173: death ends it), for days that are not over, and not for what a law has people do themselves (Civil Code 161).
std::vector<errors::Violation> FindMandateFaults(const MandateFacts& facts, absl::CivilDay today);

}  // namespace xxt::intake

#endif  // XXT_SERVICES_INTAKE_PEOPLE_MANDATE_RULES_H_
