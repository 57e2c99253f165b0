#include "common/rpc/task_service.h"

#include <algorithm>
#include <functional>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/paging/page.h"
#include "common/paging/page_token.h"
#include "common/rpc/timestamp.h"
#include "common/status/macros.h"
#include "common/tasks/desk.h"

namespace xxt::rpc {
namespace {

namespace v1 = ::xixinting::common::v1;
using Kinds = std::vector<tasks::DeskKind>;

std::string IdOf(const std::string& name) { return std::string(absl::StripPrefix(name, "tasks/")); }

const char* LaneName(tasks::Lane lane) {
  switch (lane) {
    case tasks::Lane::kDesk:
      return "desk";
    case tasks::Lane::kUrgent:
      return "urgent";
    case tasks::Lane::kNormal:
      return "normal";
    case tasks::Lane::kBulk:
      return "bulk";
  }
  return "";
}

v1::Task::State StateOf(const std::string& name) {
  if (name == "running") return v1::Task::STATE_RUNNING;
  if (name == "retry") return v1::Task::STATE_RETRY;
  if (name == "settled") return v1::Task::STATE_SETTLED;
  return name == "dead" ? v1::Task::STATE_DEAD : v1::Task::STATE_PENDING;
}

// People see desk tasks of their hall only; operators every task.
bool SeesMachines(const Call& call) { return call.caller.Has("operator"); }

tasks::TaskFilter FilterFor(const Call& call, const v1::ListTasksRequest& request) {
  tasks::TaskFilter filter;
  filter.lane = SeesMachines(call) ? request.lane() : "desk";
  filter.halls = call.caller.halls;
  filter.subject = request.subject();
  filter.include_future = request.include_future();
  filter.now = call.now;
  return filter;
}

void Show(const Kinds& kinds, const tasks::ListedTask& listed, v1::Task* shown) {
  const tasks::Task& task = listed.task;
  shown->set_name(absl::StrCat("tasks/", task.id));
  shown->set_kind(task.kind);
  shown->set_lane(LaneName(task.lane));
  shown->set_subject(task.subject);
  shown->set_hall(task.hall);
  shown->set_assignee(task.assignee);
  shown->set_summary(task.summary);
  shown->set_state(StateOf(listed.state));
  ToProto(listed.next_action_time, shown->mutable_next_action_time());
  shown->set_attempt_count(task.attempt);
  if (listed.state == "running") {
    shown->set_holder(listed.holder);
    ToProto(listed.lease_until, shown->mutable_lease_expire_time());
  }
  shown->set_last_error(listed.last_error);
  const auto kind =
      std::find_if(kinds.begin(), kinds.end(), [&](const tasks::DeskKind& item) { return item.name == task.kind; });
  if (kind != kinds.end()) {
    for (const std::string& outcome : kind->outcomes) shown->add_outcomes(outcome);
  }
  ToProto(task.create_time, shown->mutable_create_time());
}

absl::Status List(const Kinds& kinds, const Call& call, pg::Session& session, const v1::ListTasksRequest& request,
                  v1::ListTasksResponse& response) {
  tasks::TaskFilter filter = FilterFor(call, request);
  XXT_ASSIGN_OR_RETURN(const paging::Page page, paging::ReadPage(call.method, call.caller.halls, request,
                                                                 {paging::Part::kTime, paging::Part::kUuid}));
  if (!page.after.empty()) {
    filter.after_time = paging::TimeOf(page.after[0]);
    filter.after_id = page.after[1];
  }
  filter.limit = page.size + 1;
  XXT_ASSIGN_OR_RETURN(std::vector<tasks::ListedTask> found, tasks::ListTasks(session, filter));
  if (static_cast<int>(found.size()) > page.size) {
    found.resize(static_cast<std::size_t>(page.size));
    response.set_next_page_token(
        paging::MakeToken(page.scope, {paging::PartOf(found.back().next_action_time), found.back().task.id}));
  }
  for (const tasks::ListedTask& listed : found) Show(kinds, listed, response.add_tasks());
  return absl::OkStatus();
}

absl::Status Get(const Kinds& kinds, const Call& call, pg::Session& session, const v1::GetTaskRequest& request,
                 v1::Task& response) {
  XXT_ASSIGN_OR_RETURN(const tasks::ListedTask found,
                       tasks::GetTask(session, IdOf(request.name()), call.caller.halls, SeesMachines(call)));
  Show(kinds, found, &response);
  return absl::OkStatus();
}

absl::Status Lease(const Kinds& kinds, const Call& call, pg::Session& session, const v1::LeaseTaskRequest& request,
                   v1::LeaseTaskResponse& response) {
  XXT_ASSIGN_OR_RETURN(
      const tasks::DeskLease lease,
      tasks::LeaseTask(session, IdOf(request.name()), call.caller.subject, call.caller.halls, call.now));
  Show(kinds, lease.task, response.mutable_task());
  response.set_lease_token(lease.token);
  ToProto(lease.expire_time, response.mutable_expire_time());
  return absl::OkStatus();
}

absl::Status Release(const Kinds& kinds, const Call& call, pg::Session& session, const v1::ReleaseTaskRequest& request,
                     v1::Task& response) {
  XXT_ASSIGN_OR_RETURN(
      const tasks::ListedTask released,
      tasks::ReleaseTask(session, IdOf(request.name()), request.lease_token(), call.caller.subject, call.caller.halls));
  Show(kinds, released, &response);
  return absl::OkStatus();
}

absl::Status Complete(const Kinds& kinds, const Call& call, pg::Session& session,
                      const v1::CompleteTaskRequest& request, v1::CompleteTaskResponse& response) {
  tasks::Completion completion;
  completion.outcome = request.outcome();
  completion.note = request.note();
  if (request.has_next_action_time()) completion.next_action_time = FromProto(request.next_action_time());
  completion.staff = call.caller.subject;
  completion.now = call.now;
  XXT_ASSIGN_OR_RETURN(
      const tasks::ListedTask settled,
      tasks::CompleteTask(session, kinds, IdOf(request.name()), request.lease_token(), call.caller.halls, completion));
  Show(kinds, settled, response.mutable_task());
  return absl::OkStatus();
}

absl::Status Requeue(const Kinds& kinds, const Call&, pg::Session& session, const v1::RequeueTaskRequest& request,
                     v1::Task& response) {
  XXT_ASSIGN_OR_RETURN(const tasks::ListedTask requeued, tasks::RequeueTask(session, IdOf(request.name())));
  Show(kinds, requeued, &response);
  return absl::OkStatus();
}

}  // namespace

grpc::ServerUnaryReactor* TaskService::ListTasks(grpc::CallbackServerContext* context,
                                                 const v1::ListTasksRequest* request, v1::ListTasksResponse* response) {
  return edge_.Read(context, request, response, std::bind_front(List, std::cref(kinds_)));
}

grpc::ServerUnaryReactor* TaskService::GetTask(grpc::CallbackServerContext* context, const v1::GetTaskRequest* request,
                                               v1::Task* response) {
  return edge_.Read(context, request, response, std::bind_front(Get, std::cref(kinds_)));
}

grpc::ServerUnaryReactor* TaskService::LeaseTask(grpc::CallbackServerContext* context,
                                                 const v1::LeaseTaskRequest* request, v1::LeaseTaskResponse* response) {
  return edge_.Change(context, request, response, std::bind_front(Lease, std::cref(kinds_)));
}

grpc::ServerUnaryReactor* TaskService::ReleaseTask(grpc::CallbackServerContext* context,
                                                   const v1::ReleaseTaskRequest* request, v1::Task* response) {
  return edge_.Change(context, request, response, std::bind_front(Release, std::cref(kinds_)));
}

grpc::ServerUnaryReactor* TaskService::CompleteTask(grpc::CallbackServerContext* context,
                                                    const v1::CompleteTaskRequest* request,
                                                    v1::CompleteTaskResponse* response) {
  return edge_.Change(context, request, response, std::bind_front(Complete, std::cref(kinds_)));
}

grpc::ServerUnaryReactor* TaskService::RequeueTask(grpc::CallbackServerContext* context,
                                                   const v1::RequeueTaskRequest* request, v1::Task* response) {
  return edge_.Change(context, request, response, std::bind_front(Requeue, std::cref(kinds_)));
}

}  // namespace xxt::rpc
