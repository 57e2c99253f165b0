#ifndef XXT_COMMON_RPC_WATCH_H_
#define XXT_COMMON_RPC_WATCH_H_

#include <grpcpp/grpcpp.h>

#include <functional>
#include <list>
#include <memory>
#include <string>

#include "absl/time/time.h"
#include "common/concurrency/guard.h"
#include "common/concurrency/loop.h"
#include "common/concurrency/mutex.h"
#include "common/events/events.h"
#include "common/identity/caller.h"
#include "common/identity/token.h"
#include "common/pg/pool.h"
#include "common/rpc/admission.h"
#include "common/rpc/wire_status.h"
#include "common/status/errors.h"
#include "xixinting/common/v1/common.pb.h"

namespace xxt::rpc {

// Serves the Watch streams of a service from its event table, in commit order,
// each event at least once. One thread tails the table for all streams; a
// stream costs no thread. A stream that reads slowly is read for at its own
// position: nothing is buffered beyond one batch.
//
// Thread-safe. Must be drained before the gRPC server shuts down.
class Watcher {
 public:
  // `source` is Event.source: "xixinting.intake".
  Watcher(std::string source, pg::Pool& pool, const identity::Verifier& verifier);
  ~Watcher();

  // Opens a stream for a WatchX call. `subject` empty: all that the caller's
  // hall allows. Response has `events` and `resume_token`.
  template <typename Request, typename Response>
  grpc::ServerWriteReactor<Response>* Watch(grpc::CallbackServerContext* context, const Request* request,
                                            const std::string& subject);

  // Looks for events at once, as after a commit. Cheap.
  void Nudge() { tail_->Nudge(); }

  // Ends all streams with OK; clients go on elsewhere from their token.
  void Drain();

 private:
  // One stream, whatever its response type.
  class Stream {
   public:
    virtual ~Stream() = default;
    // Starts writing; false if a write is still under way or the stream ended.
    virtual bool Write(const std::vector<xixinting::common::v1::Event>& events, const std::string& token) = 0;
    virtual bool idle() = 0;
    virtual bool gone() = 0;
    virtual void End(const grpc::Status& status) = 0;

    std::string hall;     // empty: all
    std::string subject;  // empty: all
    events::Position position;
    absl::Time opened;
    absl::Time last_write;
  };
  template <typename Response>
  class TypedStream;

  // Admits the caller and finds where to start. Errors end the stream.
  absl::Status Open(grpc::CallbackServerContext* context, const std::string& method, const std::string& token,
                    Stream& stream);
  void Add(const std::shared_ptr<Stream>& stream);
  absl::Duration Tail();
  void Serve(Stream& stream, pg::Session& session);

  const std::string source_;
  pg::Pool& pool_;
  const Admission admission_;
  Mutex mu_;
  std::list<std::shared_ptr<Stream>> streams_ XXT_GUARDED_BY(mu_);
  bool draining_ XXT_GUARDED_BY(mu_) = false;
  std::unique_ptr<Loop> tail_;
};

// A reactor that gRPC and the tail share. gRPC calls OnDone last; the tail may
// still hold the stream then, so it owns itself until both have let go.
template <typename Response>
class Watcher::TypedStream : public grpc::ServerWriteReactor<Response>, public Watcher::Stream {
 public:
  bool Write(const std::vector<xixinting::common::v1::Event>& events, const std::string& token) override {
    const MutexLock lock(mu_);
    if (writing_ || ended_) return false;
    response_.Clear();
    for (const auto& event : events) *response_.add_events() = event;
    response_.set_resume_token(token);
    writing_ = true;
    this->StartWrite(&response_);
    return true;
  }
  bool idle() override {
    const MutexLock lock(mu_);
    return !writing_ && !ended_;
  }
  bool gone() override {
    const MutexLock lock(mu_);
    return ended_;
  }
  void End(const grpc::Status& status) override {
    const MutexLock lock(mu_);
    if (ended_) return;
    ended_ = true;
    this->Finish(status);
  }
  void OnWriteDone(bool ok) override {
    {
      const MutexLock lock(mu_);
      writing_ = false;
    }
    if (!ok) End(grpc::Status::CANCELLED);
  }
  void OnCancel() override { End(grpc::Status::CANCELLED); }
  void OnDone() override { self.reset(); }

  std::shared_ptr<TypedStream> self;

 private:
  Mutex mu_;
  bool writing_ XXT_GUARDED_BY(mu_) = false;
  bool ended_ XXT_GUARDED_BY(mu_) = false;
  Response response_;
};

template <typename Request, typename Response>
grpc::ServerWriteReactor<Response>* Watcher::Watch(grpc::CallbackServerContext* context, const Request* request,
                                                   const std::string& subject) {
  auto stream = std::make_shared<TypedStream<Response>>();
  stream->self = stream;
  stream->subject = subject;
  TypedStream<Response>* reactor = stream.get();
  absl::Status opened = errors::Internal("an exception");
  static_cast<void>(Guarded(
      "watch", [&] { opened = Open(context, MethodOf(Request::descriptor()), request->resume_token(), *stream); }));
  if (opened.ok()) {
    Add(std::move(stream));
  } else {
    reactor->End(ToGrpcStatus(opened));
  }
  return reactor;
}

}  // namespace xxt::rpc

#endif  // XXT_COMMON_RPC_WATCH_H_
