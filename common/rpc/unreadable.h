#ifndef XXT_COMMON_RPC_UNREADABLE_H_
#define XXT_COMMON_RPC_UNREADABLE_H_

#include <grpcpp/support/server_interceptor.h>

#include <memory>
#include <vector>

#include "common/status/errors.h"

namespace xxt::rpc {

// What is said of a request that cannot be parsed.
errors::Violation UnreadableRequest();

// gRPC responds to a request that it cannot parse (text that is not UTF-8, a cut
// message) with UNIMPLEMENTED, as if the method did not exist. This makes it
// INVALID_ARGUMENT with reason FIELD_INVALID.
std::vector<std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>> UnreadableRequestInterceptors();

}  // namespace xxt::rpc

#endif  // XXT_COMMON_RPC_UNREADABLE_H_
