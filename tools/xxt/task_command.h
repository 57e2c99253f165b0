#ifndef XXT_TOOLS_XXT_TASK_COMMAND_H_
#define XXT_TOOLS_XXT_TASK_COMMAND_H_

#include "tools/xxt/commands.h"

namespace xxt::cli {

// For `task complete` and `task release`: finds the service that has the task, and
// takes it for the caller, unless --lease-token and --service say both. An outcome
// may be typed as "keep-waiting".
absl::Status TakeTask(Session& session, Arguments* arguments);

// Gives back the task of `arguments` if TakeTask took it: what was refused holds
// nobody else up. Says so.
void GiveTaskBack(Session& session, const Arguments& arguments);

}  // namespace xxt::cli

#endif  // XXT_TOOLS_XXT_TASK_COMMAND_H_
