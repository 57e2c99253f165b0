#ifndef XXT_COMMON_EDGE_EDGE_H_
#define XXT_COMMON_EDGE_EDGE_H_

#include <google/protobuf/message.h>
#include <grpcpp/grpcpp.h>

#include <functional>
#include <utility>

#include "absl/status/status.h"
#include "common/rpc/edge.h"
#include "common/rpc/watch.h"
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
//      a repeat, too, sealed with the key of the root that it names (store/owner.h)
// It stands on rpc/edge.h, which opens transactions and speaks gRPC, and knows
// nothing of messages that are stored: tasks and the clock need no more.
//
// Handlers capture only what outlives the server, and may run again. Thread-safe.
class Edge {
 public:
  // `watcher` may be null where no method is a Watch.
  Edge(rpc::Edge& calls, const seal::Keyring& keys, rpc::Watcher* watcher = nullptr)
      : calls_(calls), keys_(keys), watcher_(watcher) {}

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
  // A change whose handler mostly only queues, and waits for nothing without
  // asking (Session::MayWait): done without a thread that waits for it
  // (rpc/edge.h). One that asks something is run once more than as a Change.
  template <typename Request, typename Response, typename Handler>
  grpc::ServerUnaryReactor* Queue(grpc::CallbackServerContext* context, const Request* request, Response* response,
                                  Handler handler) {
    return QueueAny(context, request, response, Untyped<Request, Response>(std::move(handler)));
  }
  // A stream of events (rpc/watch.h), of a raw method; of one resource once
  // may_see(tx, name) -> absl::Status has agreed.
  template <typename Request, typename Response, typename MaySee>
  grpc::ServerWriteReactor<grpc::ByteBuffer>* Watch(grpc::CallbackServerContext* context,
                                                    const grpc::ByteBuffer* request, MaySee may_see) {
    return watcher_->Watch<Request, Response>(
        context, request,
        [this, may_see](pg::Session& session, const identity::Caller& caller, const std::string& name) -> absl::Status {
          const Circumstances of{.caller = caller, .now = absl::InfinitePast(), .keys = keys_, .reads_only = true};
          return InTx(session, of, [&](Tx& tx) { return may_see(tx, name); });
        });
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
  grpc::ServerUnaryReactor* QueueAny(grpc::CallbackServerContext* context, const Message* request, Message* response,
                                     Handle handle);

  rpc::Edge& calls_;
  const seal::Keyring& keys_;
  rpc::Watcher* const watcher_;
};

// What the class of a gRPC service is made of: `settings_` is what its handlers
// need besides the request.
struct NoSettings {};
template <typename Proto, typename Settings = NoSettings>
class Serves : public Proto::CallbackService {
 public:
  explicit Serves(Edge& edge, const Settings& settings = {}) : edge_(edge), settings_(settings) {}

 protected:
  Edge& edge_;
  const Settings settings_;
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
#define XXT_QUEUE(Method, Response, Handler) XXT_RPC(Queue, Method, Response, Handler)
#define XXT_READ(Method, Response, Handler) XXT_RPC(Read, Method, Response, Handler)

#endif  // XXT_COMMON_EDGE_EDGE_H_
