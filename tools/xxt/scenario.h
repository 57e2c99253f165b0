#ifndef XXT_TOOLS_XXT_SCENARIO_H_
#define XXT_TOOLS_XXT_SCENARIO_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "tools/xxt/convert.h"
#include "tools/xxt/session.h"
#include "tools/xxt/step.h"

// Scenario files: stories that the services play, and that are checked step by
// step.
//
//   desc: 沈女士的故事
//   vars: {hall: halls/110102016, cremated_on: {today_plus: "-10y+80d"}}
//   steps:
//     - call: xixinting.intake.v1.CaseService/HandOffFromCounter
//       as: staff/chen
//       request: {case: {title: …, hall: "${hall}"}}
//       expect: {ticket: {owner: staff/wang}}
//       save: {case: case.name}
//       say: 把沈女士带到悉心听窗口
//   cleanup: […]           steps that always run, whatever failed
namespace xxt::cli {

struct StepReport {
  std::string title;
  absl::Duration took;
  std::string failure;  // empty if it went well
};

struct ScenarioReport {
  std::string file;
  std::string desc;
  std::vector<StepReport> steps;

  bool good() const {
    for (const StepReport& step : steps) {
      if (!step.failure.empty()) return false;
    }
    return true;
  }
};

// Errors: INVALID_ARGUMENT naming the step and key that is not understood.
absl::StatusOr<Json> LoadScenario(const std::string& path);

// Plays it: up to the first failure, then the cleanup.
ScenarioReport PlayScenario(Session& session, const Context& context, const std::string& path, const Json& scenario,
                            bool narrate);

// The reports as JUnit XML, a test suite per file and a test case per step.
std::string ToJunit(const std::vector<ScenarioReport>& reports);

}  // namespace xxt::cli

#endif  // XXT_TOOLS_XXT_SCENARIO_H_
