#ifndef XXT_COMMON_RPC_CLIENT_H_
#define XXT_COMMON_RPC_CLIENT_H_

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>

#include "absl/time/time.h"
#include "common/concurrency/steady_time.h"
#include "common/identity/token.h"
#include "common/rpc/wire_status.h"

namespace xxt::rpc {

// A peer service: one channel, and what each call to it carries. Calls are
// retried by tasks, not by gRPC. Thread-safe. Never destroyed on a gRPC
// thread: a member of the service's assembly.
class Client {
 public:
  // `address` is a gRPC target; several addresses are balanced round-robin.
  // `signer` must outlive this.
  Client(const std::string& address, const identity::Signer& signer);

  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }

  // Sets the caller's token, the deadline and the trace of this thread.
  void Prepare(grpc::ClientContext& context, SteadyTime deadline) const;

 private:
  const identity::Signer& signer_;
  std::shared_ptr<grpc::Channel> channel_;
};

}  // namespace xxt::rpc

#endif  // XXT_COMMON_RPC_CLIENT_H_
