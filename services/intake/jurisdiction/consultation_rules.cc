#include "services/intake/jurisdiction/consultation_rules.h"

namespace xxt::intake {

std::optional<errors::Violation> FindConsultationFault(const ConsultationFacts& facts, absl::Time now) {
  if (facts.people < 2) return errors::Violation{"consultation.panel", "会商至少两人参加", "needs two people at least"};
  if (facts.agreed != facts.has_decision) {
    return errors::Violation{"consultation.decision", "形成意见的须写明意见，未形成的不写",
                             "goes with what was agreed, and only with that"};
  }
  if (facts.occur_time > now) {
    return errors::Violation{"consultation.occur_time", "不能晚于现在", "must not lie in the future"};
  }
  return std::nullopt;
}

}  // namespace xxt::intake
