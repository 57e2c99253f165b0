#include "common/rpc/client.h"

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/trace/context.h"

namespace xxt::rpc {
namespace {

grpc::ChannelArguments Arguments() {
  grpc::ChannelArguments arguments;
  arguments.SetLoadBalancingPolicyName("round_robin");
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 60'000);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 1'000);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  return arguments;
}

}  // namespace

Client::Client(const std::string& address, const std::shared_ptr<grpc::ChannelCredentials>& credentials,
               const identity::Signer& signer)
    : signer_(signer), channel_(grpc::CreateCustomChannel(address, credentials, Arguments())) {}

void Client::Prepare(grpc::ClientContext& context, SteadyTime deadline) const {
  context.set_deadline(absl::ToChronoTime(deadline.OnWallClock()));
  context.AddMetadata("authorization", absl::StrCat("Bearer ", signer_.Token(absl::Now())));
  if (trace::Current().valid()) context.AddMetadata("traceparent", trace::Format(trace::Current()));
}

}  // namespace xxt::rpc
