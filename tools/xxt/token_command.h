#ifndef XXT_TOOLS_XXT_TOKEN_COMMAND_H_
#define XXT_TOOLS_XXT_TOKEN_COMMAND_H_

#include "tools/xxt/commands.h"

// Keys and tokens of a development instance.
namespace xxt::cli {

absl::StatusOr<ExitCode> TokenKeysCommand(Session& session, const Arguments& arguments);
absl::StatusOr<ExitCode> TokenMintCommand(Session& session, const Arguments& arguments);

}  // namespace xxt::cli

#endif  // XXT_TOOLS_XXT_TOKEN_COMMAND_H_
