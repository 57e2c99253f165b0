#ifndef XXT_COMMON_EDGE_EDGE_H_
#define XXT_COMMON_EDGE_EDGE_H_

#include <google/protobuf/message.h>
#include <grpcpp/grpcpp.h>

#include <functional>
#include <utility>

#include "absl/status/status.h"
#include "common/rpc/edge.h"
#include "common/seal/seal.h"
#include "common/store/tx.h"

namespace xxt::edge {

// The edge of services whose messages are their state. What every RPC shares,
// around a handler that sees a transaction, the request and the response:
//   1. who is it, may it, is the request well-formed (rpc/edge.h)
//   2. one transaction, done once per (caller, method, request_id); what tells
//      a repeat is the request as it came
//   3. the request as a use case may store it (prepare.h)
//   4. the handler, and what has gone wrong with what it queued (Tx::failure)
//   5. the response as the caller may see it (present.h): what is stored for
//      a repeat, too
// It stands on the older edge, which opens transactions and speaks gRPC, until
// nothing else does.
//
// Handlers capture only what outlives the server, and may run again. Thread-safe.
class Edge {
 public:
  Edge(rpc::Edge& calls, const seal::Keyring& keys) : calls_(calls), keys_(keys) {}

  // A read: each statement sees its own snapshot, and nothing is written.
  // handler(tx, request, response&) -> absl::Status.
  template <typename Request, typename Response, typename Handler>
  grpc::ServerUnaryReactor* Read(grpc::CallbackServerContext* context, const Request* request, Response* response,
                                 Handler handler) {
    return ReadAny(context, request, response, Untyped<Request, Response>(std::move(handler)));
  }
  // A change.
  template <typename Request, typename Response, typename Handler>
  grpc::ServerUnaryReactor* Change(grpc::CallbackServerContext* context, const Request* request, Response* response,
                                   Handler handler) {
    return ChangeAny(context, request, response, Untyped<Request, Response>(std::move(handler)));
  }

 private:
  using Message = google::protobuf::Message;
  using Handle = std::function<absl::Status(Tx&, const Message&, Message&)>;

  template <typename Request, typename Response, typename Handler>
  static Handle Untyped(Handler handler) {
    return [handler = std::move(handler)](Tx& tx, const Message& request, Message& response) -> absl::Status {
      return handler(tx, static_cast<const Request&>(request), static_cast<Response&>(response));
    };
  }
  grpc::ServerUnaryReactor* ReadAny(grpc::CallbackServerContext* context, const Message* request, Message* response,
                                    Handle handle);
  grpc::ServerUnaryReactor* ChangeAny(grpc::CallbackServerContext* context, const Message* request, Message* response,
                                      Handle handle);

  rpc::Edge& calls_;
  const seal::Keyring& keys_;
};

// What the class of a gRPC service is made of.
template <typename Proto>
class Serves : public Proto::CallbackService {
 public:
  explicit Serves(Edge& edge) : edge_(edge) {}

 protected:
  Edge& edge_;
};

}  // namespace xxt::edge

// One line per RPC in a class that Serves, where the protos are `v1`:
// XXT_CHANGE(KeepPromise, Promise, Keep). `Handler` is a function or an
// expression that makes one. A macro, for `override` checks what a template
// could not.
#define XXT_RPC(Kind, Method, Response, Handler)                                                             \
  grpc::ServerUnaryReactor* Method(grpc::CallbackServerContext* context, const v1::Method##Request* request, \
                                   v1::Response* response) override {                                        \
    return edge_.Kind(context, request, response, Handler);                                                  \
  }
#define XXT_CHANGE(Method, Response, Handler) XXT_RPC(Change, Method, Response, Handler)
#define XXT_READ(Method, Response, Handler) XXT_RPC(Read, Method, Response, Handler)

#endif  // XXT_COMMON_EDGE_EDGE_H_
