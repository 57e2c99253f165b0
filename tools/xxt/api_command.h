#ifndef XXT_TOOLS_XXT_API_COMMAND_H_
#define XXT_TOOLS_XXT_API_COMMAND_H_

#include "tools/xxt/commands.h"

// The API itself, from the linked descriptors.
namespace xxt::cli {

absl::StatusOr<ExitCode> ApiListCommand(Session& session, const Arguments& arguments);
absl::StatusOr<ExitCode> ApiDescribeCommand(Session& session, const Arguments& arguments);
absl::StatusOr<ExitCode> ApiCallCommand(Session& session, const Arguments& arguments);

}  // namespace xxt::cli

#endif  // XXT_TOOLS_XXT_API_COMMAND_H_
