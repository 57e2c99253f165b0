#include "services/referral/visit/visit_rules.h"

#include <cstddef>
#include <iterator>
#include <map>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/referral/referrals/horizon_rules.h"

namespace xxt::referral {
namespace {

constexpr VisitLeg kWay[] = {VisitLeg::kPickUp, VisitLeg::kInTransit, VisitLeg::kAtBody, VisitLeg::kReturnHome};

bool AreAll(const std::vector<PlannedLeg>& legs) {
  if (legs.size() != std::size(kWay)) return false;
  for (std::size_t i = 0; i < legs.size(); ++i) {
    if (legs[i].leg != kWay[i]) return false;
  }
  return true;
}

errors::Violation TimeFault(std::size_t leg, std::string zh, std::string en) {
  return {absl::StrCat("legs[", leg, "].planned_time"), std::move(zh), std::move(en)};
}

}  // namespace

std::optional<errors::Violation> FindPlanFault(const std::vector<PlannedLeg>& legs, const VisitPolicy& policy,
                                               absl::Time now) {
  if (!AreAll(legs)) {
    return errors::Violation{"legs", "须依次写明接到人、途中、到达单位、送回家四段",
                             "must be pick-up, transit, at the body and home, in this order"};
  }
  if (legs.front().time <= now) return TimeFault(0, "须晚于现在", "must be after now");
  if (legs.front().time - now > kFarthestAhead) {
    return TimeFault(0, "太远，最多提前一年", "must be within a year from now");
  }
  for (std::size_t i = 1; i < legs.size(); ++i) {
    if (legs[i].time < legs[i - 1].time) return TimeFault(i, "不能早于前一段", "must not be before the leg before it");
  }
  if (legs.back().time - legs.front().time > policy.longest) {
    return TimeFault(legs.size() - 1, "一次陪同不能安排这么久", "is later than a visit may take");
  }
  return std::nullopt;
}

bool MayFollow(std::optional<VisitLeg> last, VisitLeg next) {
  if (!last.has_value()) return next == VisitLeg::kPickUp;
  if (*last == VisitLeg::kReturnHome) return false;
  return next == VisitLeg::kReturnHome || static_cast<int>(next) == static_cast<int>(*last) + 1;
}

VisitState StateAfter(VisitLeg leg) { return leg == VisitLeg::kReturnHome ? VisitState::kDone : VisitState::kUnderWay; }

std::vector<SafetyCheck> FindUnsafe(const std::vector<Checked>& checks) {
  std::map<SafetyCheck, bool> passed;
  for (const Checked& one : checks) passed[one.check] = one.passed;
  std::vector<SafetyCheck> unsafe;
  for (const SafetyCheck check :
       {SafetyCheck::kHealth, SafetyCheck::kMobility, SafetyCheck::kVehicle, SafetyCheck::kKin}) {
    if (!passed[check]) unsafe.push_back(check);
  }
  return unsafe;
}

}  // namespace xxt::referral
