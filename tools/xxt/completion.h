#ifndef XXT_TOOLS_XXT_COMPLETION_H_
#define XXT_TOOLS_XXT_COMPLETION_H_

#include <string>

#include "tools/xxt/commands.h"

namespace xxt::cli {

// Prints the script that completes commands and flags in bash or zsh.
absl::StatusOr<ExitCode> CompletionCommand(Session& session, const Arguments& arguments);

// The script for bash; zsh reads it too, through bashcompinit.
std::string BashCompletion();

}  // namespace xxt::cli

#endif  // XXT_TOOLS_XXT_COMPLETION_H_
