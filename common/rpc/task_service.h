#ifndef XXT_COMMON_RPC_TASK_SERVICE_H_
#define XXT_COMMON_RPC_TASK_SERVICE_H_

#include <vector>

#include "common/rpc/edge.h"
#include "common/tasks/task.h"
#include "xixinting/common/v1/task_service.grpc.pb.h"

namespace xxt::rpc {

// TaskService over the tasks of the service that hosts it. Thread-safe.
class TaskService final : public xixinting::common::v1::TaskService::CallbackService {
 public:
  // `edge` and `kinds` must outlive this.
  TaskService(Edge& edge, const std::vector<tasks::DeskKind>& kinds) : edge_(edge), kinds_(kinds) {}

  grpc::ServerUnaryReactor* ListTasks(grpc::CallbackServerContext* context,
                                      const xixinting::common::v1::ListTasksRequest* request,
                                      xixinting::common::v1::ListTasksResponse* response) override;
  grpc::ServerUnaryReactor* GetTask(grpc::CallbackServerContext* context,
                                    const xixinting::common::v1::GetTaskRequest* request,
                                    xixinting::common::v1::Task* response) override;
  grpc::ServerUnaryReactor* LeaseTask(grpc::CallbackServerContext* context,
                                      const xixinting::common::v1::LeaseTaskRequest* request,
                                      xixinting::common::v1::LeaseTaskResponse* response) override;
  grpc::ServerUnaryReactor* ReleaseTask(grpc::CallbackServerContext* context,
                                        const xixinting::common::v1::ReleaseTaskRequest* request,
                                        xixinting::common::v1::Task* response) override;
  grpc::ServerUnaryReactor* CompleteTask(grpc::CallbackServerContext* context,
                                         const xixinting::common::v1::CompleteTaskRequest* request,
                                         xixinting::common::v1::CompleteTaskResponse* response) override;
  grpc::ServerUnaryReactor* RequeueTask(grpc::CallbackServerContext* context,
                                        const xixinting::common::v1::RequeueTaskRequest* request,
                                        xixinting::common::v1::Task* response) override;

 private:
  Edge& edge_;
  const std::vector<tasks::DeskKind>& kinds_;
};

}  // namespace xxt::rpc

#endif  // XXT_COMMON_RPC_TASK_SERVICE_H_
