#include "tools/xxt/task_command.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_replace.h"
#include "common/status/macros.h"
#include "tools/xxt/run_rpc.h"
#include "tools/xxt/schema.h"
#include "tools/xxt/session.h"
#include "xixinting/common/v1/task_service.pb.h"

namespace xxt::cli {

namespace v1 = ::xixinting::common::v1;

absl::Status TakeTask(Session& session, Arguments* arguments) {
  if (const auto outcome = arguments->values.find("--outcome"); outcome != arguments->values.end()) {
    for (std::string& text : outcome->second) text = absl::StrReplaceAll(absl::AsciiStrToUpper(text), {{"-", "_"}});
  }
  if (arguments->Has("--lease-token") && arguments->Has("--service")) return absl::OkStatus();
  XXT_ASSIGN_OR_RETURN(const auto* method, FindMethod("xixinting.common.v1.TaskService/LeaseTask"));
  v1::LeaseTaskRequest request;
  request.set_name(WithPrefix("tasks/", arguments->Get("TASK")));
  XXT_ASSIGN_OR_RETURN(const Answer taken, AskEach(session, *method, request, ServicesFor(*method, *arguments)));
  arguments->values["--service"] = {taken.service};
  if (!arguments->Has("--lease-token")) {
    const auto& lease = static_cast<const v1::LeaseTaskResponse&>(*taken.response);
    arguments->values["--lease-token"] = {lease.lease_token()};
  }
  return absl::OkStatus();
}

}  // namespace xxt::cli
