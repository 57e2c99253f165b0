#include "services/intake/benefit/coverage_rules.h"

#include <algorithm>
#include <limits>

namespace xxt::intake::benefit {

static_assert(kMostFen <= std::numeric_limits<std::int64_t>::max() / kWholeBp);

Covered Cover(std::int64_t cost_fen, const std::vector<CoverageLayer>& layers) {
  Covered covered;
  covered.own_fen = cost_fen;
  for (const CoverageLayer& layer : layers) {
    CoverageShare& share = covered.shares.emplace_back();
    const std::int64_t whole = layer.of_remainder ? covered.own_fen : cost_fen;
    share.base_fen = std::max<std::int64_t>(0, whole - layer.floor_fen);
    share.paid_fen = std::min(share.base_fen * layer.rate_bp / kWholeBp, covered.own_fen);
    if (layer.cap_fen > 0) share.paid_fen = std::min(share.paid_fen, layer.cap_fen);
    covered.own_fen -= share.paid_fen;
    share.left_fen = covered.own_fen;
  }
  covered.paid_fen = cost_fen - covered.own_fen;
  covered.rate_bp = covered.paid_fen * kWholeBp / cost_fen;
  return covered;
}

}  // namespace xxt::intake::benefit
