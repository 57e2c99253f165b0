#ifndef XXT_COMMON_RPC_WIRE_STATUS_H_
#define XXT_COMMON_RPC_WIRE_STATUS_H_

#include <grpcpp/grpcpp.h>

#include "absl/status/status.h"

namespace xxt::rpc {

// absl::Status ⇄ grpc::Status with google.rpc.Status details: payloads keep
// their type. The one place where the two meet.
grpc::Status ToGrpcStatus(const absl::Status& status);
absl::Status FromGrpcStatus(const grpc::Status& status);

}  // namespace xxt::rpc

#endif  // XXT_COMMON_RPC_WIRE_STATUS_H_
