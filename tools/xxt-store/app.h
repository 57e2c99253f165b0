#ifndef XXT_TOOLS_XXT_STORE_APP_H_
#define XXT_TOOLS_XXT_STORE_APP_H_

#include <ostream>

#include "tools/xxt-store/commands.h"

namespace xxt::store_tool {

// Reads the command line, runs the command, returns the exit code. Also catches
// what PostgreSQL throws. If `out` does not take all, the command ends there and
// is kFailed. `live`: `err` is a terminal.
ExitCode RunApp(int argc, const char* const* argv, std::ostream& out, std::ostream& err, bool live = false);

}  // namespace xxt::store_tool

#endif  // XXT_TOOLS_XXT_STORE_APP_H_
