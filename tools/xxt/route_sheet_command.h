#ifndef XXT_TOOLS_XXT_ROUTE_SHEET_COMMAND_H_
#define XXT_TOOLS_XXT_ROUTE_SHEET_COMMAND_H_

#include "tools/xxt/commands.h"

namespace xxt::cli {

// Issues a route sheet from -f, or shows the latest one.
absl::StatusOr<ExitCode> RouteSheetCommand(Session& session, const Arguments& arguments);

}  // namespace xxt::cli

#endif  // XXT_TOOLS_XXT_ROUTE_SHEET_COMMAND_H_
