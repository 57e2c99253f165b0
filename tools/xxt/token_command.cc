#include "tools/xxt/token_command.h"

#include <iostream>

#include "common/status/errors.h"
#include "common/status/macros.h"
#include "tools/xxt/session.h"

namespace xxt::cli {

absl::StatusOr<ExitCode> TokenKeysCommand(Session& session, const Arguments& arguments) {
  XXT_RETURN_IF_ERROR(MakeKeys(arguments.Get("--out")));
  std::cerr << (session.chinese() ? "密钥已生成：" : "keys made in ") << arguments.Get("--out") << "\n";
  return kOk;
}

absl::StatusOr<ExitCode> TokenMintCommand(Session& session, const Arguments&) {
  if (session.settings().as.empty())
    return errors::InBothLanguages(absl::StatusCode::kInvalidArgument, "请用 --as staff/wang 说明为谁签发",
                                   "token mint: say for whom with --as staff/wang");
  XXT_ASSIGN_OR_RETURN(const Context* context, session.context());
  XXT_ASSIGN_OR_RETURN(const std::string token, context->Token(session.settings().as));
  std::cout << token << "\n";
  return kOk;
}

}  // namespace xxt::cli
