#ifndef XXT_COMMON_RPC_EDGE_H_
#define XXT_COMMON_RPC_EDGE_H_

#include <google/protobuf/message.h>
#include <grpcpp/grpcpp.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>

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
#include "common/pg/session.h"
#include "common/rpc/admission.h"
#include "common/seal/seal.h"
#include "common/trace/span.h"

namespace xxt::rpc {

// One call, authenticated and validated.
struct Call {
  std::string method;  // "/xixinting.intake.v1.CaseService/GetCase"
  identity::Caller caller;
  absl::Time now;       // business time, read once
  SteadyTime deadline;  // the caller's
};

// What every RPC of a service shares. For each call, on the executor: who is
// it (TOKEN_INVALID), over whose connection (PEER_MISMATCH), may it
// (ROLE_MISSING, from the method's access option), is the request well-formed
// (FIELD_INVALID), is there time left; then one transaction around the handler;
// then metrics and the status on the wire.
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
    std::string trust_domain;   // of those who bring tokens; see Admission
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

  // The same of a handler that mostly only queues. It runs on gRPC's own thread,
  // and whoever commits it with others answers the call (pg::QueueTransaction),
  // so that no thread waits. The same handler, and the same promises: one that
  // asks something or would wait, a repeat, and whatever fails is done on the
  // executor.
  template <typename Request, typename Response, typename Handler>
  grpc::ServerUnaryReactor* QueueOfRoots(grpc::CallbackServerContext* context, const Request* request,
                                         Response* response, idempotency::KeyOfRoot key_of_root, Handler handler);

 private:
  using Message = google::protobuf::Message;
  // A handler with its request and response; what is kept may be null.
  using Body = std::function<absl::Status(const Call&, pg::Session&, idempotency::Response*)>;
  enum class Way { kRead, kChange, kQueue };

  // A call from its arrival to its answer.
  struct Served {
    grpc::CallbackServerContext* context;
    const Message* request;
    Message* response;
    Body body;
    idempotency::KeyOfRoot key_of_root;
    grpc::ServerUnaryReactor* reactor;
    SteadyTime arrived;
    Call call;
    trace::Span span{};
    bool admitted = false;
    bool tried = false;    // to queue it, and it failed
    bool unknown = false;  // so that nobody knows whether it is done
  };

  template <typename Request, typename Response, typename Handler>
  static Body Bind(const Request* request, Response* response, Handler handler) {
    return [request, response, handler = std::move(handler)](const Call& call, pg::Session& session,
                                                             idempotency::Response* kept) -> absl::Status {
      response->Clear();
      return handler(call, session, *request, *response, kept);
    };
  }
  // A handler that says nothing of what is kept.
  template <typename Request, typename Response, typename Handler>
  static auto OfNobody(Handler handler) {
    return [handler = std::move(handler)](const Call& call, pg::Session& session, const Request& request,
                                          Response& response, idempotency::Response*) -> absl::Status {
      return handler(call, session, request, response);
    };
  }

  grpc::ServerUnaryReactor* Serve(Way way, grpc::CallbackServerContext* context, const Message* request,
                                  Message* response, Body body, idempotency::KeyOfRoot key_of_root);
  // On the thread of gRPC, which must not wait. False: ServeOnExecutor.
  bool ServeHere(const std::shared_ptr<Served>& served);
  bool QueueChange(const std::shared_ptr<Served>& served);
  void ServeOnExecutor(Way way, const std::shared_ptr<Served>& served);
  absl::Status Admit(Served& served);
  absl::Status RunRead(const Served& served);
  absl::Status RunChange(const Served& served);
  // Runs the body, and has what is kept.
  static absl::Status Make(const Served& served, pg::Session& session, idempotency::Response* kept);
  // Answers the call; nothing of it may be touched any more.
  void Finish(const Served& served, const absl::Status& status);

  Parts parts_;
  Admission admission_;
};

template <typename Request, typename Response, typename Handler>
grpc::ServerUnaryReactor* Edge::Read(grpc::CallbackServerContext* context, const Request* request, Response* response,
                                     Handler handler) {
  return Serve(Way::kRead, context, request, response,
               Bind(request, response, OfNobody<Request, Response>(std::move(handler))), /*key_of_root=*/nullptr);
}

template <typename Request, typename Response, typename Handler>
grpc::ServerUnaryReactor* Edge::Change(grpc::CallbackServerContext* context, const Request* request, Response* response,
                                       Handler handler) {
  return ChangeOfRoots(context, request, response, /*key_of_root=*/nullptr,
                       OfNobody<Request, Response>(std::move(handler)));
}

template <typename Request, typename Response, typename Handler>
grpc::ServerUnaryReactor* Edge::ChangeOfRoots(grpc::CallbackServerContext* context, const Request* request,
                                              Response* response, idempotency::KeyOfRoot key_of_root, Handler handler) {
  return Serve(Way::kChange, context, request, response, Bind(request, response, std::move(handler)), key_of_root);
}

template <typename Request, typename Response, typename Handler>
grpc::ServerUnaryReactor* Edge::QueueOfRoots(grpc::CallbackServerContext* context, const Request* request,
                                             Response* response, idempotency::KeyOfRoot key_of_root, Handler handler) {
  return Serve(Way::kQueue, context, request, response, Bind(request, response, std::move(handler)), key_of_root);
}

}  // namespace xxt::rpc

#endif  // XXT_COMMON_RPC_EDGE_H_
