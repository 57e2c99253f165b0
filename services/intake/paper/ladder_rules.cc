#include "services/intake/paper/ladder_rules.h"

#include <map>

namespace xxt::intake {

std::vector<int> OpenGrounds(const std::vector<Weighed>& verdicts) {
  std::map<int, bool> newest;
  for (const Weighed& verdict : verdicts) newest[verdict.ground] = verdict.spares;
  std::vector<int> open;
  for (int ground = 1; ground <= kGrounds; ++ground) {
    const auto found = newest.find(ground);
    if (found == newest.end() || found->second) open.push_back(ground);
  }
  return open;
}

}  // namespace xxt::intake
