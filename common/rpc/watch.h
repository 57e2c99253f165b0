#ifndef XXT_COMMON_RPC_WATCH_H_
#define XXT_COMMON_RPC_WATCH_H_

#include <grpcpp/grpcpp.h>

#include <functional>
#include <list>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/concurrency/executor.h"
#include "common/concurrency/loop.h"
#include "common/concurrency/mutex.h"
#include "common/concurrency/steady_time.h"
#include "common/events/events.h"
#include "common/identity/caller.h"
#include "common/identity/token.h"
#include "common/metrics/rpc_metrics.h"
#include "common/metrics/watch_metrics.h"
#include "common/pg/pool.h"
#include "common/rpc/admission.h"
#include "common/rpc/recent_events.h"
#include "common/rpc/unreadable.h"
#include "common/rpc/validate.h"
#include "common/rpc/watch_stream.h"
#include "common/status/errors.h"

namespace xxt::rpc {

// Serves the Watch streams of a service from its ledger, in commit order, each
// event at least once. One thread reads what is new, with one query for all
// streams, and tells it from memory; another reads for those that stand
// further back than memory reaches, a page of one stream after the other. A
// stream costs no thread, and no more memory than what is being written to it.
//
// Thread-safe. Must be drained before the gRPC server shuts down.
class Watcher {
 public:
  struct Parts {
    std::string source;  // Event.source: "xixinting.intake"
    Executor& executor;
    pg::Pool& request_pool;  // for opening streams
    pg::Pool& pool;          // for telling events
    const identity::Verifier& verifier;
    metrics::RpcMetrics& calls;
    metrics::WatchMetrics& metrics;
    std::string trust_domain;  // of those who bring tokens; see Admission
    absl::Duration heartbeat = absl::Seconds(15);
  };
  // All parts must outlive this.
  explicit Watcher(Parts parts);
  ~Watcher();

  // Whether `caller` may see the resource called `name`, as the Get of it says.
  using Check = std::function<absl::Status(pg::Session&, const identity::Caller& caller, const std::string& name)>;

  // Opens a stream for a WatchX call, after the checks that every call gets;
  // with a name, for the events of that resource alone, once `check` agreed.
  // For a method that is registered as raw: `Response` is written field by field.
  // Errors end the stream: those of calls, RESUME_TOKEN_EXPIRED, AT_CAPACITY.
  template <typename Request, typename Response>
  grpc::ServerWriteReactor<grpc::ByteBuffer>* Watch(grpc::CallbackServerContext* context, const grpc::ByteBuffer* bytes,
                                                    Check check);

  // Ends all streams with OK; clients go on elsewhere from their token. Waits for
  // one reading of the store at most.
  void Drain();

 private:
  using Streams = std::list<std::shared_ptr<WatchStream>>;

  // What the Watch requests of all services say.
  struct WatchRequest {
    std::string name;
    std::string token;
    std::vector<errors::Violation> violations;
  };
  // A call that is not read yet: that is done on the executor, where an
  // exception ends the call alone.
  struct Opening {
    std::string method;
    std::function<WatchRequest()> read;
    Check check;
  };

  grpc::ServerWriteReactor<grpc::ByteBuffer>* Submit(grpc::CallbackServerContext* context, Opening opening);
  absl::Status Open(const grpc::CallbackServerContext& context, const Opening& opening, WatchStream& stream);
  absl::Status Add(const std::shared_ptr<WatchStream>& stream);
  Streams Present();

  absl::Duration Tail();
  absl::Status ReadOn();
  void TellAll(const Streams& streams);
  bool Draining();
  absl::Duration CatchUp();
  absl::Status ReadFor(WatchStream& stream, const events::Place& from);
  void Tell(WatchStream& stream, const WatchPage& page);

  const Parts parts_;
  const Admission admission_;

  Mutex mu_;
  Streams streams_ XXT_GUARDED_BY(mu_);
  bool draining_ XXT_GUARDED_BY(mu_) = false;
  events::Place reach_ XXT_GUARDED_BY(mu_);  // who stands there or later is told from memory

  // The tail's alone.
  RecentEvents recent_;
  bool reading_ = false;  // recent_ ends where the next reading begins
  bool full_ = false;     // there is more to read at once
  SteadyTime last_read_;

  std::unique_ptr<Loop> catch_up_;
  std::unique_ptr<Loop> tail_;
};

template <typename Request, typename Response>
grpc::ServerWriteReactor<grpc::ByteBuffer>* Watcher::Watch(grpc::CallbackServerContext* context,
                                                           const grpc::ByteBuffer* bytes, Check check) {
  static_assert(Response::kEventsFieldNumber == 1 && Response::kResumeTokenFieldNumber == 2, "see recent_events.h");
  const auto read = [kept = *bytes]() -> WatchRequest {
    Request request;
    grpc::ByteBuffer taken(kept);
    if (!grpc::SerializationTraits<Request>::Deserialize(&taken, &request).ok()) return {"", "", {UnreadableRequest()}};
    return {request.name(), request.resume_token(), Violations(request)};
  };
  return Submit(context, {MethodOf(Request::descriptor()), read, std::move(check)});
}

}  // namespace xxt::rpc

#endif  // XXT_COMMON_RPC_WATCH_H_
