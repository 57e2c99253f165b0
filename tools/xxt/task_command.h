#ifndef XXT_TOOLS_XXT_TASK_COMMAND_H_
#define XXT_TOOLS_XXT_TASK_COMMAND_H_

#include "tools/xxt/commands.h"

// The desk's work. Each service has tasks of its own: a list asks all three,
// and a task without --service is looked for in all three.
namespace xxt::cli {

absl::StatusOr<ExitCode> ListTasksCommand(Session& session, const Arguments& arguments);
absl::StatusOr<ExitCode> GetTaskCommand(Session& session, const Arguments& arguments);
absl::StatusOr<ExitCode> TakeTaskCommand(Session& session, const Arguments& arguments);
absl::StatusOr<ExitCode> ReleaseTaskCommand(Session& session, const Arguments& arguments);
absl::StatusOr<ExitCode> CompleteTaskCommand(Session& session, const Arguments& arguments);
absl::StatusOr<ExitCode> RequeueTaskCommand(Session& session, const Arguments& arguments);

}  // namespace xxt::cli

#endif  // XXT_TOOLS_XXT_TASK_COMMAND_H_
