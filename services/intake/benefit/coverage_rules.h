#ifndef XXT_SERVICES_INTAKE_BENEFIT_COVERAGE_RULES_H_
#define XXT_SERVICES_INTAKE_BENEFIT_COVERAGE_RULES_H_

#include <cstdint>
#include <vector>

// What several benefits pay of one cost. Money is integer fen, ratios are basis points.
namespace xxt::intake::benefit {

// A trillion yuan. Ten thousand times as much still fits into 64 bits, so that nothing here overflows.
inline constexpr std::int64_t kMostFen = 100'000'000'000'000;
inline constexpr std::int64_t kWholeBp = 10'000;

struct CoverageLayer {
  bool of_remainder = false;  // of what those before it left; else of the whole cost
  std::int64_t rate_bp = 0;   // 0 to kWholeBp
  std::int64_t floor_fen = 0;
  std::int64_t cap_fen = 0;  // 0: none
};

struct CoverageShare {
  std::int64_t base_fen = 0;
  std::int64_t paid_fen = 0;
  std::int64_t left_fen = 0;
};

struct Covered {
  std::vector<CoverageShare> shares;  // of each layer
  std::int64_t paid_fen = 0;
  std::int64_t own_fen = 0;
  std::int64_t rate_bp = 0;
};

// One layer after the other pays of `cost_fen`, 1 to kMostFen: its rate of the base beyond the floor, rounded down to
// whole fen, at most the cap and what is left. The whole rate is rounded down, too.
Covered Cover(std::int64_t cost_fen, const std::vector<CoverageLayer>& layers);

}  // namespace xxt::intake::benefit

#endif  // XXT_SERVICES_INTAKE_BENEFIT_COVERAGE_RULES_H_
