#include "tools/xxt/task_command.h"

#include <algorithm>
#include <iostream>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/identifiers/uuid.h"
#include "common/status/macros.h"
#include "tools/xxt/run_rpc.h"
#include "tools/xxt/schema.h"
#include "tools/xxt/session.h"
#include "tools/xxt/text_time.h"
#include "xixinting/common/v1/task_service.pb.h"

namespace xxt::cli {
namespace {

namespace v1 = ::xixinting::common::v1;

constexpr int kPage = 50;

template <typename Response>
absl::StatusOr<Response> Call(Session& session, const std::string& service, const std::string& method,
                              const google::protobuf::Message& request) {
  XXT_ASSIGN_OR_RETURN(Rpc * rpc, session.rpc());
  XXT_ASSIGN_OR_RETURN(const auto* descriptor, FindMethod(absl::StrCat("xixinting.common.v1.TaskService/", method)));
  XXT_ASSIGN_OR_RETURN(const auto response, rpc->Unary(*descriptor, request, session.OptionsFor(service)));
  return static_cast<const Response&>(*response);
}

std::vector<std::string> ServicesFor(const Arguments& arguments) {
  if (arguments.Has("--service")) return {arguments.Get("--service")};
  return {"intake", "referral", "notification"};
}

std::string TaskName(const Arguments& arguments) { return WithPrefix("tasks/", arguments.Get("TASK")); }

// The first answer of a service that knows the task.
template <typename Response>
absl::StatusOr<std::pair<std::string, Response>> AskEach(Session& session, const Arguments& arguments,
                                                         const std::string& method,
                                                         const google::protobuf::Message& request) {
  absl::Status missing = absl::NotFoundError("没有这个任务 / no such task");
  for (const std::string& service : ServicesFor(arguments)) {
    absl::StatusOr<Response> response = Call<Response>(session, service, method, request);
    if (response.ok()) return std::make_pair(service, *std::move(response));
    missing = response.status();
    if (missing.code() != absl::StatusCode::kNotFound) break;
  }
  return missing;
}

// Where the task is, and the proof that it is ours: given, or by taking it.
struct Lease {
  std::string service;
  std::string token;
};

absl::StatusOr<Lease> LeaseFor(Session& session, const Arguments& arguments) {
  if (arguments.Has("--lease") && arguments.Has("--service")) {
    return Lease{arguments.Get("--service"), arguments.Get("--lease")};
  }
  v1::LeaseTaskRequest request;
  request.set_name(TaskName(arguments));
  XXT_ASSIGN_OR_RETURN(const auto taken, AskEach<v1::LeaseTaskResponse>(session, arguments, "LeaseTask", request));
  return Lease{taken.first, arguments.Get("--lease", taken.second.lease_token())};
}

void Print(const Session& session, const google::protobuf::Message& message) {
  std::cout << RenderMessage(message, "", session.settings().format, session.settings().style);
}

absl::StatusOr<v1::ListTasksRequest> ListRequest(const Arguments& arguments) {
  v1::ListTasksRequest request;
  int page = kPage;
  if (arguments.Has("--page-size") && (!absl::SimpleAtoi(arguments.Get("--page-size"), &page) || page < 1)) {
    return absl::InvalidArgumentError("--page-size 应为正整数 / --page-size is a positive number");
  }
  if (arguments.Has("--page-token") && !arguments.Has("--service")) {
    return absl::InvalidArgumentError(
        "--page-token 属于一个服务，请同时写 --service / --page-token belongs to one service: name it with --service");
  }
  request.set_page_size(page);
  request.set_page_token(arguments.Get("--page-token"));
  request.set_subject(arguments.Get("--subject"));
  request.set_lane(arguments.Get("--lane"));
  request.set_include_future(arguments.Has("--future"));
  return request;
}

}  // namespace

absl::StatusOr<ExitCode> ListTasksCommand(Session& session, const Arguments& arguments) {
  XXT_ASSIGN_OR_RETURN(const v1::ListTasksRequest request, ListRequest(arguments));
  std::vector<v1::Task> tasks;
  for (const std::string& service : ServicesFor(arguments)) {
    XXT_ASSIGN_OR_RETURN(const auto response, Call<v1::ListTasksResponse>(session, service, "ListTasks", request));
    tasks.insert(tasks.end(), response.tasks().begin(), response.tasks().end());
    if (!response.next_page_token().empty()) {
      std::cerr << (session.chinese() ? "还有更多：--service " : "there is more: --service ") << service
                << " --page-token " << response.next_page_token() << "\n";
    }
  }
  std::stable_sort(tasks.begin(), tasks.end(), [](const v1::Task& a, const v1::Task& b) {
    return std::make_pair(a.next_action_time().seconds(), a.next_action_time().nanos()) <
           std::make_pair(b.next_action_time().seconds(), b.next_action_time().nanos());
  });
  std::vector<const google::protobuf::Message*> items;
  for (const v1::Task& task : tasks) items.push_back(&task);
  const auto& columns = std::find_if(Commands().begin(), Commands().end(), [](const CommandSpec& command) {
                          return command.path == "task list";
                        })->columns;
  std::cout << RenderList(items, *v1::Task::descriptor(), columns, session.settings().format, session.settings().style);
  return kOk;
}

absl::StatusOr<ExitCode> GetTaskCommand(Session& session, const Arguments& arguments) {
  v1::GetTaskRequest request;
  request.set_name(TaskName(arguments));
  XXT_ASSIGN_OR_RETURN(const auto found, AskEach<v1::Task>(session, arguments, "GetTask", request));
  Print(session, found.second);
  return kOk;
}

absl::StatusOr<ExitCode> TakeTaskCommand(Session& session, const Arguments& arguments) {
  v1::LeaseTaskRequest request;
  request.set_name(TaskName(arguments));
  XXT_ASSIGN_OR_RETURN(const auto taken, AskEach<v1::LeaseTaskResponse>(session, arguments, "LeaseTask", request));
  Print(session, taken.second);
  return kOk;
}

absl::StatusOr<ExitCode> ReleaseTaskCommand(Session& session, const Arguments& arguments) {
  XXT_ASSIGN_OR_RETURN(const Lease lease, LeaseFor(session, arguments));
  v1::ReleaseTaskRequest request;
  request.set_name(TaskName(arguments));
  request.set_lease_token(lease.token);
  XXT_ASSIGN_OR_RETURN(const auto task, Call<v1::Task>(session, lease.service, "ReleaseTask", request));
  Print(session, task);
  return kOk;
}

absl::StatusOr<ExitCode> CompleteTaskCommand(Session& session, const Arguments& arguments) {
  XXT_ASSIGN_OR_RETURN(const Lease lease, LeaseFor(session, arguments));
  v1::CompleteTaskRequest request;
  request.set_name(TaskName(arguments));
  request.set_lease_token(lease.token);
  request.set_outcome(absl::StrReplaceAll(absl::AsciiStrToUpper(arguments.Get("OUTCOME")), {{"-", "_"}}));
  request.set_note(arguments.Get("--note"));
  if (arguments.Has("--next")) {
    XXT_ASSIGN_OR_RETURN(const absl::Time next, ParseMoment(arguments.Get("--next"), session.BusinessNow()));
    request.mutable_next_action_time()->set_seconds(absl::ToUnixSeconds(next));
  }
  const std::string& wanted_id = session.settings().request_id;
  request.set_request_id(wanted_id.empty() ? identifiers::NewUuid(absl::Now()) : wanted_id);
  const auto done = Call<v1::CompleteTaskResponse>(session, lease.service, "CompleteTask", request);
  if (!done.ok()) {
    PrintFailure(done.status(), session.settings());
    PrintRepeat(session, done.status(), arguments, request.request_id());
    return ExitCodeOf(done.status());
  }
  Print(session, done->task());
  return kOk;
}

absl::StatusOr<ExitCode> RequeueTaskCommand(Session& session, const Arguments& arguments) {
  v1::RequeueTaskRequest request;
  request.set_name(TaskName(arguments));
  XXT_ASSIGN_OR_RETURN(const auto requeued, AskEach<v1::Task>(session, arguments, "RequeueTask", request));
  Print(session, requeued.second);
  return kOk;
}

}  // namespace xxt::cli
