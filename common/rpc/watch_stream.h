#ifndef XXT_COMMON_RPC_WATCH_STREAM_H_
#define XXT_COMMON_RPC_WATCH_STREAM_H_

#include <grpcpp/grpcpp.h>

#include <cstdint>
#include <memory>
#include <string>

#include "absl/time/time.h"
#include "common/concurrency/mutex.h"
#include "common/concurrency/steady_time.h"
#include "common/events/events.h"
#include "common/rpc/recent_events.h"

namespace xxt::rpc {

// One watch: a reactor that gRPC, who opens it and who tells it share. gRPC
// calls OnDone last, and the others may still hold it then, so it owns itself
// until all have let go. Thread-safe.
class WatchStream final : public grpc::ServerWriteReactor<grpc::ByteBuffer> {
 public:
  static std::shared_ptr<WatchStream> Make();

  // Ends the opening, during which gRPC's context is in use: a stream that was
  // ended meanwhile ends now. Called once.
  void EndOpening();
  // From now on Tell is called, by one thread at a time.
  void Start(WatchScope scope, events::Place place);

  // Writes `page` and stands behind it. A page without events is written only
  // if nothing was for `heartbeat`, or ever. Only while idle().
  void Tell(const WatchPage& page, absl::Duration heartbeat);
  // Idempotent.
  void End(const grpc::Status& status);

  // Whether the last write is over.
  bool idle() const;
  bool gone() const;
  const WatchScope& scope() const { return scope_; }
  events::Place place() const;
  SteadyTime opened() const { return opened_; }

  // Set before Start.
  std::string caller;
  std::string connection;
  std::int64_t removals = 0;  // of keys, before it was let in (identity::Verifier)

 private:
  WatchStream() = default;
  void OnWriteDone(bool ok) override;
  void OnCancel() override { End(grpc::Status::CANCELLED); }
  void OnDone() override { self_.reset(); }

  std::shared_ptr<WatchStream> self_;
  const SteadyTime opened_ = SteadyTime::Now();
  WatchScope scope_;
  mutable Mutex mu_;
  events::Place place_ XXT_GUARDED_BY(mu_);
  SteadyTime last_write_ XXT_GUARDED_BY(mu_);
  grpc::ByteBuffer response_ XXT_GUARDED_BY(mu_);
  bool opening_ XXT_GUARDED_BY(mu_) = true;
  bool told_ XXT_GUARDED_BY(mu_) = false;
  bool writing_ XXT_GUARDED_BY(mu_) = false;
  bool ended_ XXT_GUARDED_BY(mu_) = false;
  grpc::Status end_ XXT_GUARDED_BY(mu_);
};

}  // namespace xxt::rpc

#endif  // XXT_COMMON_RPC_WATCH_STREAM_H_
