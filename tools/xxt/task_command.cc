#include "tools/xxt/task_command.h"

#include <iostream>

#include "absl/strings/ascii.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "common/status/macros.h"
#include "tools/xxt/run_rpc.h"
#include "tools/xxt/schema.h"
#include "tools/xxt/session.h"
#include "xixinting/common/v1/task_service.pb.h"

namespace xxt::cli {

namespace v1 = ::xixinting::common::v1;

namespace {

// What the first service answers to `Service/method` that has the task of `arguments`.
template <typename Request>
absl::StatusOr<Answer> AskAbout(Session& session, const char* name, Request request, const Arguments& arguments) {
  XXT_ASSIGN_OR_RETURN(const auto* method, FindMethod(name));
  request.set_name(WithPrefix("tasks/", arguments.Get("TASK")));
  return AskEach(session, *method, request, ServicesFor(*method, arguments));
}

bool IsHeldBy(const std::string& staff, const v1::Task& task) {
  return task.state() == v1::Task::STATE_RUNNING && task.holder() == staff &&
         absl::Now() < absl::FromUnixSeconds(task.lease_expire_time().seconds());
}

}  // namespace

absl::Status TakeTask(Session& session, Arguments* arguments) {
  if (const auto outcome = arguments->values.find("--outcome"); outcome != arguments->values.end()) {
    for (std::string& text : outcome->second) text = absl::StrReplaceAll(absl::AsciiStrToUpper(text), {{"-", "_"}});
  }
  if (arguments->Has("--lease-token") && arguments->Has("--service")) return absl::OkStatus();
  XXT_ASSIGN_OR_RETURN(const Answer found,
                       AskAbout(session, "common.v1.TaskService/GetTask", v1::GetTaskRequest(), *arguments));
  arguments->values["--service"] = {found.service};
  if (arguments->Has("--lease-token")) return absl::OkStatus();
  XXT_ASSIGN_OR_RETURN(const Answer taken,
                       AskAbout(session, "common.v1.TaskService/LeaseTask", v1::LeaseTaskRequest(), *arguments));
  const auto& lease = static_cast<const v1::LeaseTaskResponse&>(*taken.response);
  arguments->values["--lease-token"] = {lease.lease_token()};
  XXT_ASSIGN_OR_RETURN(const Context* context, session.context());
  XXT_ASSIGN_OR_RETURN(const std::string caller, context->CallerOf(session.settings().as));
  arguments->took_task = !IsHeldBy(caller, static_cast<const v1::Task&>(*found.response));
  return absl::OkStatus();
}

void GiveTaskBack(Session& session, const Arguments& arguments) {
  if (!arguments.took_task) return;
  v1::ReleaseTaskRequest request;
  request.set_lease_token(arguments.Get("--lease-token"));
  // What cannot be given back now is anybody's when its lease is over.
  if (!AskAbout(session, "common.v1.TaskService/ReleaseTask", request, arguments).ok()) return;
  if (session.settings().format == Format::kJson) return;
  std::cerr << (session.chinese() ? "  待办已退回，随时可再领取。\n" : "  The task was given back.\n");
}

}  // namespace xxt::cli
