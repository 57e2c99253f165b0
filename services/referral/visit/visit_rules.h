#ifndef XXT_SERVICES_REFERRAL_VISIT_VISIT_RULES_H_
#define XXT_SERVICES_REFERRAL_VISIT_VISIT_RULES_H_

#include <optional>
#include <vector>

#include "absl/time/time.h"
#include "common/status/errors.h"

namespace xxt::referral {

// How somebody is fetched, accompanied and brought home.

// The proto's numbers.
enum class VisitState { kPlanned = 1, kUnderWay, kDone, kCancelled };
enum class VisitLeg { kPickUp = 1, kInTransit, kAtBody, kReturnHome };
enum class SafetyCheck { kHealth = 1, kMobility, kVehicle, kKin };

// What is local policy.
struct VisitPolicy {
  // The longest that a visit may be planned to take.
  absl::Duration longest = absl::Hours(24);
  // How long after the planned return the window's leader is asked where they are.
  absl::Duration grace = absl::Minutes(30);
};

struct PlannedLeg {
  VisitLeg leg;
  absl::Time time;
};

// The first thing wrong with a plan; its field begins with "legs".
std::optional<errors::Violation> FindPlanFault(const std::vector<PlannedLeg>& legs, const VisitPolicy& policy,
                                               absl::Time now);

// Whether `next` may be written down after `last`; nullopt: they have not set out. One follows the other, but home may
// come at any time: people turn back.
bool MayFollow(std::optional<VisitLeg> last, VisitLeg next);

// Where a visit stands once `leg` is reached.
VisitState StateAfter(VisitLeg leg);

struct Checked {
  SafetyCheck check;
  bool passed;
};

// What has not been looked at, or did not pass when it was looked at last, of checks in the order in which they were
// made.
std::vector<SafetyCheck> FindUnsafe(const std::vector<Checked>& checks);

}  // namespace xxt::referral

#endif  // XXT_SERVICES_REFERRAL_VISIT_VISIT_RULES_H_
