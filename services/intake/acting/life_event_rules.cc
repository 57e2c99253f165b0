#include "services/intake/acting/life_event_rules.h"

namespace xxt::intake {

bool Fits(LifeEventKind kind, SuccessionBasis basis) {
  const bool inherits = basis == SuccessionBasis::kHeir || basis == SuccessionBasis::kWill;
  return inherits == (kind == LifeEventKind::kDeath);
}

std::vector<std::size_t> FindSuccessors(const std::vector<PartyFacts>& parties) {
  std::vector<std::size_t> found;
  for (const PartyRole role : {PartyRole::kKin, PartyRole::kBeneficiary, PartyRole::kSubject}) {
    for (std::size_t i = 0; i < parties.size(); ++i) {
      if (parties[i].role == role && parties[i].may_act) found.push_back(i);
    }
  }
  return found;
}

SuccessionBasis OfferedBasis(LifeEventKind kind) {
  return kind == LifeEventKind::kDeath ? SuccessionBasis::kHeir : SuccessionBasis::kGuardian;
}

bool MayRecord(LifeEventKind kind, const StandingFacts& facts) {
  if (facts.deceased) return false;
  return !facts.not_told || (kind == LifeEventKind::kDeath && !facts.successor_sought);
}

}  // namespace xxt::intake
