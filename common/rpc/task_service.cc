#include "common/rpc/task_service.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/paging/page.h"
#include "common/paging/page_token.h"
#include "common/rpc/timestamp.h"
#include "common/status/macros.h"

namespace xxt::rpc {
namespace {

namespace v1 = ::xixinting::common::v1;

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

}  // namespace

void TaskService::ToProto(const tasks::ListedTask& listed, v1::Task* proto) const {
  const tasks::Task& task = listed.task;
  proto->set_name(absl::StrCat("tasks/", task.id));
  proto->set_kind(task.kind);
  proto->set_lane(LaneName(task.lane));
  proto->set_subject(task.subject);
  proto->set_hall(task.hall);
  proto->set_assignee(task.assignee);
  proto->set_summary(task.summary);
  proto->set_state(StateOf(listed.state));
  rpc::ToProto(listed.next_action_time, proto->mutable_next_action_time());
  proto->set_attempt_count(task.attempt);
  if (listed.state == "running") {
    proto->set_holder(listed.holder);
    rpc::ToProto(listed.lease_until, proto->mutable_lease_expire_time());
  }
  proto->set_last_error(listed.last_error);
  const auto kind =
      std::find_if(kinds_.begin(), kinds_.end(), [&](const tasks::DeskKind& item) { return item.name == task.kind; });
  if (kind != kinds_.end()) {
    for (const std::string& outcome : kind->outcomes) proto->add_outcomes(outcome);
  }
  rpc::ToProto(task.create_time, proto->mutable_create_time());
}

grpc::ServerUnaryReactor* TaskService::ListTasks(grpc::CallbackServerContext* context,
                                                 const v1::ListTasksRequest* request, v1::ListTasksResponse* response) {
  return edge_.Read(
      context, request, response,
      [this](const Call& call, pg::Session& session, const v1::ListTasksRequest& req,
             v1::ListTasksResponse& res) -> absl::Status {
        tasks::TaskFilter filter = FilterFor(call, req);
        XXT_ASSIGN_OR_RETURN(const paging::Page page, paging::ReadPage(call.method, call.caller.halls, req,
                                                                       {paging::Part::kTime, paging::Part::kUuid}));
        if (!page.after.empty()) {
          filter.after_time = paging::TimeOf(page.after[0]);
          filter.after_id = page.after[1];
        }
        filter.limit = page.size + 1;
        XXT_ASSIGN_OR_RETURN(std::vector<tasks::ListedTask> found, tasks::ListTasks(session, filter));
        if (static_cast<int>(found.size()) > page.size) {
          found.resize(static_cast<std::size_t>(page.size));
          res.set_next_page_token(
              paging::MakeToken(page.scope, {paging::PartOf(found.back().next_action_time), found.back().task.id}));
        }
        for (const tasks::ListedTask& listed : found) ToProto(listed, res.add_tasks());
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* TaskService::GetTask(grpc::CallbackServerContext* context, const v1::GetTaskRequest* request,
                                               v1::Task* response) {
  return edge_.Read(
      context, request, response,
      [this](const Call& call, pg::Session& session, const v1::GetTaskRequest& req, v1::Task& res) -> absl::Status {
        XXT_ASSIGN_OR_RETURN(const tasks::ListedTask found,
                             tasks::GetTask(session, IdOf(req.name()), call.caller.halls, SeesMachines(call)));
        ToProto(found, &res);
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* TaskService::LeaseTask(grpc::CallbackServerContext* context,
                                                 const v1::LeaseTaskRequest* request, v1::LeaseTaskResponse* response) {
  return edge_.Change(context, request, response,
                      [this](const Call& call, pg::Session& session, const v1::LeaseTaskRequest& req,
                             v1::LeaseTaskResponse& res) -> absl::Status {
                        XXT_ASSIGN_OR_RETURN(const tasks::DeskLease lease,
                                             tasks::LeaseTask(session, IdOf(req.name()), call.caller.subject,
                                                              call.caller.halls, call.now));
                        ToProto(lease.task, res.mutable_task());
                        res.set_lease_token(lease.token);
                        rpc::ToProto(lease.expire_time, res.mutable_expire_time());
                        return absl::OkStatus();
                      });
}

grpc::ServerUnaryReactor* TaskService::ReleaseTask(grpc::CallbackServerContext* context,
                                                   const v1::ReleaseTaskRequest* request, v1::Task* response) {
  return edge_.Change(
      context, request, response,
      [this](const Call& call, pg::Session& session, const v1::ReleaseTaskRequest& req, v1::Task& res) -> absl::Status {
        XXT_ASSIGN_OR_RETURN(
            const tasks::ListedTask released,
            tasks::ReleaseTask(session, IdOf(req.name()), req.lease_token(), call.caller.subject, call.caller.halls));
        ToProto(released, &res);
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* TaskService::CompleteTask(grpc::CallbackServerContext* context,
                                                    const v1::CompleteTaskRequest* request,
                                                    v1::CompleteTaskResponse* response) {
  return edge_.Change(context, request, response,
                      [this](const Call& call, pg::Session& session, const v1::CompleteTaskRequest& req,
                             v1::CompleteTaskResponse& res) -> absl::Status {
                        tasks::Completion completion;
                        completion.outcome = req.outcome();
                        completion.note = req.note();
                        if (req.has_next_action_time()) {
                          completion.next_action_time = FromProto(req.next_action_time());
                        }
                        completion.staff = call.caller.subject;
                        completion.now = call.now;
                        XXT_ASSIGN_OR_RETURN(const tasks::ListedTask settled,
                                             tasks::CompleteTask(session, kinds_, IdOf(req.name()), req.lease_token(),
                                                                 call.caller.halls, completion));
                        ToProto(settled, res.mutable_task());
                        return absl::OkStatus();
                      });
}

grpc::ServerUnaryReactor* TaskService::RequeueTask(grpc::CallbackServerContext* context,
                                                   const v1::RequeueTaskRequest* request, v1::Task* response) {
  return edge_.Change(
      context, request, response,
      [this](const Call&, pg::Session& session, const v1::RequeueTaskRequest& req, v1::Task& res) -> absl::Status {
        XXT_ASSIGN_OR_RETURN(const tasks::ListedTask requeued, tasks::RequeueTask(session, IdOf(req.name())));
        ToProto(requeued, &res);
        return absl::OkStatus();
      });
}

}  // namespace xxt::rpc
