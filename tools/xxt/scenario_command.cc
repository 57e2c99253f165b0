#include "tools/xxt/scenario_command.h"

#include <fstream>
#include <iostream>

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"
#include "tools/xxt/scenario.h"

namespace xxt::cli {

absl::StatusOr<ExitCode> ScenarioRunCommand(Session& session, const Arguments& arguments) {
  XXT_ASSIGN_OR_RETURN(const Context* context, session.context());
  const std::vector<std::string>& files = arguments.values.at("FILE");
  std::vector<Json> scenarios;
  // All files are read before the first is played: a typo costs no time.
  for (const std::string& file : files) {
    XXT_ASSIGN_OR_RETURN(Json scenario, LoadScenario(file));
    scenarios.push_back(std::move(scenario));
  }
  std::vector<ScenarioReport> reports;
  bool good = true;
  for (std::size_t i = 0; i < files.size() && !interrupted; ++i) {
    reports.push_back(PlayScenario(session, *context, files[i], scenarios[i], arguments.Has("--narrate")));
    good = good && reports.back().good();
    if (interrupted) break;
    std::cerr << (reports.back().good() ? "✓ " : "✗ ") << files[i] << (session.chinese() ? "：" : ": ")
              << reports.back().steps.size() << (session.chinese() ? " 步" : " steps") << "\n";
  }
  if (arguments.Has("--junit")) {
    std::ofstream file(arguments.Get("--junit"));
    file << ToJunit(reports);
    if (!file.flush()) return absl::InternalError(absl::StrCat("cannot write ", arguments.Get("--junit")));
  }
  if (interrupted) return kInterrupted;
  return good ? kOk : kAssertionFailed;
}

}  // namespace xxt::cli
