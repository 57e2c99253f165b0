#ifndef XXT_TOOLS_XXT_CLOCK_COMMAND_H_
#define XXT_TOOLS_XXT_CLOCK_COMMAND_H_

#include "tools/xxt/commands.h"

namespace xxt::cli {

// Moves business time forward, by a step or to a moment.
absl::StatusOr<ExitCode> ClockAdvanceCommand(Session& session, const Arguments& arguments);

}  // namespace xxt::cli

#endif  // XXT_TOOLS_XXT_CLOCK_COMMAND_H_
