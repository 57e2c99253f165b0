#include "common/rpc/client.h"

#include <openssl/rand.h>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "common/log/log.h"

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

// The thread's trace as W3C traceparent, with a new span id; empty outside a
// trace. A task's UUID makes a trace id of its 32 hex digits.
std::string TraceParent() {
  const std::string trace = absl::StrReplaceAll(log::Trace::Current(), {{"-", ""}});
  unsigned char span[8];
  if (trace.size() != 32 || RAND_bytes(span, sizeof span) != 1) return "";
  return absl::StrCat("00-", trace, "-",
                      absl::BytesToHexString(absl::string_view(reinterpret_cast<const char*>(span), sizeof span)),
                      "-01");
}

}  // namespace

Client::Client(const std::string& address, const std::shared_ptr<grpc::ChannelCredentials>& credentials,
               const identity::Signer& signer)
    : signer_(signer), channel_(grpc::CreateCustomChannel(address, credentials, Arguments())) {}

void Client::Prepare(grpc::ClientContext& context, SteadyTime deadline) const {
  context.set_deadline(absl::ToChronoTime(deadline.OnWallClock()));
  context.AddMetadata("authorization", absl::StrCat("Bearer ", signer_.Token(absl::Now())));
  if (const std::string parent = TraceParent(); !parent.empty()) context.AddMetadata("traceparent", parent);
}

}  // namespace xxt::rpc
