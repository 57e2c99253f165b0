#ifndef XXT_TOOLS_XXT_RPC_H_
#define XXT_TOOLS_XXT_RPC_H_

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <grpcpp/channel.h>

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "tools/xxt/context.h"

namespace xxt::cli {

// Becomes true at Ctrl-C; running calls end with CANCELLED.
extern std::atomic<bool> interrupted;

// How one call is made.
struct CallOptions {
  std::string service;  // "intake", "referral", "notification"
  std::string as;       // "staff/wang"; empty: without a token
  absl::Duration timeout = absl::Seconds(10);
  // How long a request that is worth repeating is made again, the same; see
  // IsWorthRepeating. Of calls that answer once.
  absl::Duration repeat_for;
};

// Calls any method of the linked descriptors. Keeps its channels.
// Not thread-safe. `context` must outlive it.
class Rpc {
 public:
  explicit Rpc(const Context& context) : context_(context) {}

  // Errors: the service's, with details; UNAVAILABLE, DEADLINE_EXCEEDED;
  // INVALID_ARGUMENT if this side's certificate is unfit.
  absl::StatusOr<std::unique_ptr<google::protobuf::Message>> Unary(const google::protobuf::MethodDescriptor& method,
                                                                   const google::protobuf::Message& request,
                                                                   const CallOptions& options);

  // Reads a server stream until its end or until `take` returns false, which
  // counts as a good end.
  absl::Status Stream(const google::protobuf::MethodDescriptor& method, const google::protobuf::Message& request,
                      const CallOptions& options, const std::function<bool(const google::protobuf::Message&)>& take);

  // True if the service's health is SERVING.
  absl::StatusOr<bool> Serving(const std::string& service, absl::Duration timeout);

 private:
  absl::StatusOr<std::unique_ptr<google::protobuf::Message>> UnaryOnce(const google::protobuf::MethodDescriptor& method,
                                                                       const google::protobuf::Message& request,
                                                                       const CallOptions& options);
  absl::StatusOr<std::shared_ptr<grpc::Channel>> ChannelTo(const CallOptions& options);

  const Context& context_;
  // By service, and by whom they say this is.
  std::map<std::pair<std::string, std::string>, std::shared_ptr<grpc::Channel>> channels_;
};

}  // namespace xxt::cli

#endif  // XXT_TOOLS_XXT_RPC_H_
