#ifndef XXT_TESTS_CONTRACT_HEALTH_H_
#define XXT_TESTS_CONTRACT_HEALTH_H_

#include <grpcpp/grpcpp.h>
#include <grpcpp/impl/codegen/client_unary_call.h>

#include <memory>

#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace xxt::contract {

// What grpc.health.v1.Health.Check says of readiness: field 1 of the answer is 1.
inline bool IsServing(const std::shared_ptr<grpc::Channel>& channel) {
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(5)));
  const grpc::internal::RpcMethod method("/grpc.health.v1.Health/Check", grpc::internal::RpcMethod::NORMAL_RPC,
                                         channel);
  const grpc::Slice readiness("\n\treadiness");
  const grpc::ByteBuffer request(&readiness, 1);
  grpc::ByteBuffer response;
  grpc::internal::BlockingUnaryCallImpl<grpc::ByteBuffer, grpc::ByteBuffer> call(channel.get(), method, &context,
                                                                                 request, &response);
  if (!call.status().ok()) return false;
  grpc::Slice slice;
  return response.DumpToSingleSlice(&slice).ok() && slice.size() == 2 && slice.begin()[1] == 1;
}

}  // namespace xxt::contract

#endif  // XXT_TESTS_CONTRACT_HEALTH_H_
