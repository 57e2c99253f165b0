#ifndef XXT_TOOLS_XXT_ROUTE_SHEET_COMMAND_H_
#define XXT_TOOLS_XXT_ROUTE_SHEET_COMMAND_H_

#include "tools/xxt/commands.h"

namespace xxt::cli {

// Prints the newest route sheet of a referral as it is handed over, or what else
// -o asks for.
absl::StatusOr<ExitCode> RouteSheetPrintCommand(Session& session, const Arguments& arguments);

}  // namespace xxt::cli

#endif  // XXT_TOOLS_XXT_ROUTE_SHEET_COMMAND_H_
