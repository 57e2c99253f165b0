#ifndef XXT_COMMON_RPC_CLIENT_H_
#define XXT_COMMON_RPC_CLIENT_H_

#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/concurrency/steady_time.h"
#include "common/identity/token.h"
#include "common/rpc/peer_answer.h"
#include "common/rpc/wire_status.h"

namespace xxt::rpc {

// A peer service: one channel, and what each call to it carries. Calls are
// retried by tasks, not by gRPC. Thread-safe. Never destroyed on a gRPC
// thread: a member of the service's assembly.
class Client {
 public:
  // `address` is a gRPC target; several addresses are balanced round-robin.
  // `credentials` say who must be there (tls/credentials.h). `signer` must outlive this.
  Client(const std::string& address, const std::shared_ptr<grpc::ChannelCredentials>& credentials,
         const identity::Signer& signer);

  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }

  // Calls a unary method, and returns the peer's status: Call(stub, &Stub::GetCase, …).
  template <typename Stub, typename Request, typename Response>
  absl::Status Call(Stub& stub, grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                    const Request& request, Response* response, SteadyTime deadline) const {
    grpc::ClientContext context;
    Prepare(context, deadline);
    return FromGrpcStatus((stub.*method)(&context, request, response));
  }

  // The same for what a call of our own must know of the peer before it begins: one
  // that hangs must not hold up what does not need it. Errors: PEER_UNAVAILABLE for
  // whatever may pass by; the peer's own for what will not.
  template <typename Stub, typename Request, typename Response>
  absl::Status LookUp(Stub& stub, grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                      const Request& request, Response* response, SteadyTime deadline, absl::string_view peer) const {
    constexpr absl::Duration kWithin = absl::Seconds(2);
    const SteadyTime until = std::min(deadline, SteadyTime::Now() + kWithin);
    absl::Status status = Call(stub, method, request, response, until);
    // Asked once more: a replica that stops drops what arrives in the instant in which it begins to refuse.
    if (absl::IsUnavailable(status) || absl::IsCancelled(status)) status = Call(stub, method, request, response, until);
    return ForCaller(status, peer);
  }

 private:
  // Sets the caller's token, the deadline, and in which trace this thread works.
  void Prepare(grpc::ClientContext& context, SteadyTime deadline) const;

  const identity::Signer& signer_;
  std::shared_ptr<grpc::Channel> channel_;
};

}  // namespace xxt::rpc

#endif  // XXT_COMMON_RPC_CLIENT_H_
