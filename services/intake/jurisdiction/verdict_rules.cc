#include "services/intake/jurisdiction/verdict_rules.h"

namespace xxt::intake {

std::optional<errors::Violation> FindVerdictFault(const VerdictFacts& facts) {
  if (facts.not_ours && !facts.has_decision) {
    return errors::Violation{"verdict.decision", "非本厅职责的，须写明怎么办：帮办、陪同转介或提级",
                             "what is not ours leads on: say how"};
  }
  if (!facts.not_ours && facts.has_decision) {
    return errors::Violation{"verdict.decision", "只有非本厅职责的才需写明怎么办", "is only of what is not ours"};
  }
  if (facts.has_decision != facts.has_ground) {
    return errors::Violation{"verdict.ground", "怎么办和理由须一并写明", "goes with a decision, and only with one"};
  }
  return std::nullopt;
}

}  // namespace xxt::intake
