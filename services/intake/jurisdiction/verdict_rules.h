#ifndef XXT_SERVICES_INTAKE_JURISDICTION_VERDICT_RULES_H_
#define XXT_SERVICES_INTAKE_JURISDICTION_VERDICT_RULES_H_

#include <optional>

#include "common/status/errors.h"

namespace xxt::intake {

// What is not the hall's matter leads on, and there are three ways: nobody is sent away with that verdict alone (social
// assistance measures, art. 60: who cannot tell which office is competent may ask any).
struct VerdictFacts {
  bool not_ours = false;
  bool has_decision = false;
  bool has_ground = false;
};

// Returns what is wrong, nothing if the verdict may stand.
std::optional<errors::Violation> FindVerdictFault(const VerdictFacts& facts);

}  // namespace xxt::intake

#endif  // XXT_SERVICES_INTAKE_JURISDICTION_VERDICT_RULES_H_
