#ifndef XXT_TOOLS_XXT_SCENARIO_COMMAND_H_
#define XXT_TOOLS_XXT_SCENARIO_COMMAND_H_

#include "tools/xxt/commands.h"

namespace xxt::cli {

// Plays scenario files, see scenario.h.
absl::StatusOr<ExitCode> ScenarioRunCommand(Session& session, const Arguments& arguments);

}  // namespace xxt::cli

#endif  // XXT_TOOLS_XXT_SCENARIO_COMMAND_H_
