#ifndef XXT_SERVICES_INTAKE_JURISDICTION_CONSULTATION_RULES_H_
#define XXT_SERVICES_INTAKE_JURISDICTION_CONSULTATION_RULES_H_

#include <optional>

#include "absl/time/time.h"
#include "common/status/errors.h"

namespace xxt::intake {

struct ConsultationFacts {
  int people = 0;
  bool agreed = false;
  bool has_decision = false;
  absl::Time occur_time;
};

// Returns what is wrong, nothing if the consultation may stand: one person alone does not consult, and a decision is of
// what was agreed, and only of that.
std::optional<errors::Violation> FindConsultationFault(const ConsultationFacts& facts, absl::Time now);

}  // namespace xxt::intake

#endif  // XXT_SERVICES_INTAKE_JURISDICTION_CONSULTATION_RULES_H_
