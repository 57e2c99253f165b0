#ifndef XXT_COMMON_RPC_EDGE_H_
#define XXT_COMMON_RPC_EDGE_H_

#include <grpcpp/grpcpp.h>

#include <functional>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/clock/clock.h"
#include "common/concurrency/executor.h"
#include "common/concurrency/steady_time.h"
#include "common/idempotency/idempotency.h"
#include "common/identity/caller.h"
#include "common/identity/token.h"
#include "common/metrics/rpc_metrics.h"
#include "common/pg/pool.h"
#include "common/rpc/admission.h"
#include "common/seal/seal.h"

namespace xxt::rpc {

// One call, authenticated and validated.
struct Call {
  std::string method;  // "/xixinting.intake.v1.CaseService/GetCase"
  identity::Caller caller;
  absl::Time now;        // business time, read once
  SteadyTime deadline;   // the caller's
  std::string trace_id;  // for the log
};

// What every RPC of a service shares. For each call, on the executor: who is
// it (TOKEN_INVALID), may it (ROLE_MISSING, from the method's access option),
// is the request well-formed (FIELD_INVALID), is there time left; then one
// transaction around the handler; then metrics and the status on the wire.
//
//   grpc::ServerUnaryReactor* GetTask(grpc::CallbackServerContext* context, const v1::GetTaskRequest* request,
//                                     v1::Task* response) override {
//     return edge_.Read(context, request, response,
//                       [](const Call& call, pg::Session& session, const auto& request, auto& response) -> absl::Status
//                       {
//                         XXT_ASSIGN_OR_RETURN(const Task found, Find(session, request.name(), call.caller.halls));
//                         ToProto(found, &response);
//                         return absl::OkStatus();
//                       });
//   }
//
// What every service has, tasks and clock, is served by this alone; slices by
// edge::Edge (common/edge/edge.h), which stands on it. Handlers capture only what
// outlives the server, and may run again (see pg::InTransaction). Thread-safe.
class Edge {
 public:
  struct Parts {
    Executor& executor;
    pg::Pool& pool;
    const Clock& clock;
    const identity::Verifier& verifier;
    metrics::RpcMetrics& metrics;
    const seal::Keyring& keys;  // seal responses that are kept for repeats
    absl::Duration default_deadline = absl::Seconds(10);
  };
  explicit Edge(Parts parts);

  // A read: each statement sees its own snapshot (pg::Read). handler(call, session, request, response&).
  template <typename Request, typename Response, typename Handler>
  grpc::ServerUnaryReactor* Read(grpc::CallbackServerContext* context, const Request* request, Response* response,
                                 Handler handler);

  // A change: one transaction, done once per (caller, method, request_id). A
  // repeat with the same body gets the stored response and the header
  // "idempotent-replay: true"; with another body, REQUEST_ID_REUSED. Requests
  // without a request_id field are not remembered. The response tells of nobody.
  template <typename Request, typename Response, typename Handler>
  grpc::ServerUnaryReactor* Change(grpc::CallbackServerContext* context, const Request* request, Response* response,
                                   Handler handler);

  // The same where it may: handler(call, session, request, response&, kept) says
  // in `kept` whose key seals it (Response::root and key). Null: it is not kept.
  template <typename Request, typename Response, typename Handler>
  grpc::ServerUnaryReactor* ChangeOfRoots(grpc::CallbackServerContext* context, const Request* request,
                                          Response* response, idempotency::KeyOfRoot key_of_root, Handler handler);

 private:
  using Work = std::function<absl::Status(const Call&)>;
  grpc::ServerUnaryReactor* Submit(grpc::CallbackServerContext* context, const google::protobuf::Message& request,
                                   Work work);
  absl::Status RunRead(const Call& call, absl::FunctionRef<absl::Status(pg::Session&)> body);
  absl::Status RunChange(const Call& call, grpc::CallbackServerContext* context,
                         const google::protobuf::Message& request, google::protobuf::Message* response,
                         idempotency::KeyOfRoot key_of_root,
                         absl::FunctionRef<absl::Status(pg::Session&, idempotency::Response*)> body);

  Parts parts_;
  Admission admission_;
};

template <typename Request, typename Response, typename Handler>
grpc::ServerUnaryReactor* Edge::Read(grpc::CallbackServerContext* context, const Request* request, Response* response,
                                     Handler handler) {
  return Submit(context, *request, [this, request, response, handler](const Call& call) {
    return RunRead(call, [&](pg::Session& session) -> absl::Status {
      response->Clear();
      return handler(call, session, *request, *response);
    });
  });
}

template <typename Request, typename Response, typename Handler>
grpc::ServerUnaryReactor* Edge::Change(grpc::CallbackServerContext* context, const Request* request, Response* response,
                                       Handler handler) {
  return ChangeOfRoots(
      context, request, response, /*key_of_root=*/nullptr,
      [handler](const Call& call, pg::Session& session, const Request& asked, Response& made,
                idempotency::Response*) -> absl::Status { return handler(call, session, asked, made); });
}

template <typename Request, typename Response, typename Handler>
grpc::ServerUnaryReactor* Edge::ChangeOfRoots(grpc::CallbackServerContext* context, const Request* request,
                                              Response* response, idempotency::KeyOfRoot key_of_root, Handler handler) {
  return Submit(context, *request, [this, context, request, response, key_of_root, handler](const Call& call) {
    return RunChange(call, context, *request, response, key_of_root,
                     [&](pg::Session& session, idempotency::Response* kept) -> absl::Status {
                       response->Clear();
                       return handler(call, session, *request, *response, kept);
                     });
  });
}

}  // namespace xxt::rpc

#endif  // XXT_COMMON_RPC_EDGE_H_
