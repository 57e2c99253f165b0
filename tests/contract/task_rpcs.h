#ifndef XXT_TESTS_CONTRACT_TASK_RPCS_H_
#define XXT_TESTS_CONTRACT_TASK_RPCS_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/identifiers/uuid.h"
#include "common/rpc/timestamp.h"
#include "common/testing/database.h"
#include "common/testing/tokens.h"
#include "tests/contract/every_rpc.h"
#include "tests/contract/service_world.h"
#include "xixinting/common/v1/task_service.grpc.pb.h"

// TaskService, which every service has, for every_rpc_test.cc.
namespace xxt::contract {

// What the rows of TaskService need of a service's world. Callers are of
// halls/110102016, as the subjects must be.
struct TaskWorld {
  std::function<std::string()> subject;  // makes something that is the subject of one desk task
  std::function<test::Database&()> database;
  std::string outcome;  // of that task
  std::function<absl::Time()> now;
};

namespace tasks_of_all {

namespace v1 = ::xixinting::common::v1;
using Tasks = v1::TaskService::Stub;

inline std::string Officer() { return test::Token("staff/wang", "halls/110102016", {"officer"}); }
inline std::string Clerk() { return test::Token("staff/chen", "halls/110102016", {"counter"}); }
inline std::string Operator() { return test::Token("staff/op", "", {"operator"}); }

// A desk task that is due.
inline std::string DueTask(const TaskWorld& world) {
  v1::ListTasksRequest list;
  list.set_subject(world.subject());
  list.set_include_future(true);
  v1::ListTasksResponse found;
  EXPECT_TRUE(Eventually([&] {
    found = Get(&Tasks::ListTasks, list, Officer());
    return found.tasks_size() == 1;
  })) << list.subject();
  world.database().Sql(
      absl::StrCat("UPDATE backbone.desk_task SET due = '2000-01-01' WHERE subject = '", list.subject(), "'"));
  return found.tasks(0).name();
}

inline std::string DeadTask(const TaskWorld& world) {
  const std::string id = identifiers::NewUuid(absl::Now());
  world.database().Sql(absl::StrCat(
      "INSERT INTO backbone.machine_task (id, kind, lane, subject, dedupe_key, due, state, not_before) VALUES ('", id,
      "', 'test.dead', 'bulk', 's', '", id, "', now(), 'dead', 'infinity')"));
  return "tasks/" + id;
}

template <typename Request>
Request Named(const std::string& name) {
  Request request;
  request.set_name(name);
  return request;
}

// Of a task that staff/wang holds.
template <typename Request>
Request Leased(const TaskWorld& world) {
  Request request = Named<Request>(DueTask(world));
  request.set_lease_token(Get(&Tasks::LeaseTask, Named<v1::LeaseTaskRequest>(request.name()), Officer()).lease_token());
  return request;
}

inline v1::CompleteTaskRequest Complete(const TaskWorld& world) {
  v1::CompleteTaskRequest request = Leased<v1::CompleteTaskRequest>(world);
  request.set_outcome(world.outcome);
  rpc::ToProto(world.now() + absl::Hours(48), request.mutable_next_action_time());
  request.set_request_id(identifiers::NewUuid(absl::Now()));
  return request;
}

}  // namespace tasks_of_all

// `rpcs` and the rows of TaskService.
inline std::vector<Rpc> WithTasks(std::vector<Rpc> rpcs, const TaskWorld& world) {
  using namespace tasks_of_all;  // NOLINT(google-build-using-namespace)
  const std::vector<Rpc> rows = {
      {"TaskService/ListTasks",
       [world] {
         DueTask(world);
         return Copy(v1::ListTasksRequest());
       },
       Officer, Clerk, false, true},
      {"TaskService/GetTask", [world] { return Copy(Named<v1::GetTaskRequest>(DueTask(world))); }, Officer, Clerk},
      {"TaskService/LeaseTask", [world] { return Copy(Named<v1::LeaseTaskRequest>(DueTask(world))); }, Officer,
       Operator},
      {"TaskService/ReleaseTask", [world] { return Copy(Leased<v1::ReleaseTaskRequest>(world)); }, Officer, Operator},
      {"TaskService/CompleteTask", [world] { return Copy(Complete(world)); }, Officer, Operator},
      {"TaskService/RequeueTask", [world] { return Copy(Named<v1::RequeueTaskRequest>(DeadTask(world))); }, Operator,
       Officer, false},
  };
  rpcs.insert(rpcs.end(), rows.begin(), rows.end());
  return rpcs;
}

}  // namespace xxt::contract

#endif  // XXT_TESTS_CONTRACT_TASK_RPCS_H_
