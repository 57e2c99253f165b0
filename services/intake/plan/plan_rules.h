#ifndef XXT_SERVICES_INTAKE_PLAN_PLAN_RULES_H_
#define XXT_SERVICES_INTAKE_PLAN_PLAN_RULES_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "common/status/errors.h"

namespace xxt::intake {

// What waits for what in a plan (办理计划), and when all of it is done. All but FindGraphFault take steps in which it
// finds nothing, and their time is that of the graph's size: how many paths there are does not matter.

// The proto's numbers.
enum class StepState { kWaiting = 1, kOpen, kDone, kSkipped };

struct PlanStep {
  std::string key;
  std::vector<std::string> after = {};  // keys
  int workdays = 1;
  StepState state = StepState::kWaiting;
  absl::CivilDay day = {};  // since when it is open, or when it was done
};

// What is wrong, nothing if the steps are a graph without a circle: a key twice, else a key that is not there, else a
// circle, of which one step is named. `field` is the path of the list.
std::optional<errors::Violation> FindGraphFault(const std::vector<PlanStep>& steps, absl::string_view field);

// How each step stands, by those that are done or skipped: of the others it is open what waits for nothing. What is
// skipped is in nobody's way, and what comes after it waits for what came before it.
std::vector<StepState> StatesOf(const std::vector<PlanStep>& steps);

// The steps that come after `step`, at whatever distance.
std::vector<std::size_t> StandingOn(const std::vector<PlanStep>& steps, std::size_t step);

struct Forecast {
  std::vector<absl::CivilDay> finish;  // of each; without meaning of what is skipped
  std::optional<absl::CivilDay> last;  // of all but those; none if nothing is left
  bool provisional = false;            // it lies beyond the calendar's horizon
  std::vector<std::size_t> critical;   // the steps not done that decide it, in order
};

// When each is done at the earliest: in its working days from when it is open, or from when what it waits for is done;
// not before `today`, unless it is done.
Forecast ForecastOf(const std::vector<PlanStep>& steps, absl::CivilDay today);

}  // namespace xxt::intake

#endif  // XXT_SERVICES_INTAKE_PLAN_PLAN_RULES_H_
