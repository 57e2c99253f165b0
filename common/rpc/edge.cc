#include "common/rpc/edge.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/time/clock.h"
#include "common/concurrency/guard.h"
#include "common/fault/crash_point.h"
#include "common/log/log.h"
#include "common/rpc/validate.h"
#include "common/rpc/wire_status.h"
#include "common/status/errors.h"
#include "common/status/macros.h"

namespace xxt::rpc {
namespace {

constexpr absl::Duration kRetryWhenFull = absl::Milliseconds(200);
// As often as a service looks at its keys.
constexpr absl::Duration kRetryWhenUnchecked = absl::Seconds(1);

std::string RequestIdOf(const google::protobuf::Message& request) {
  const auto* field = request.GetDescriptor()->FindFieldByName("request_id");
  return field == nullptr ? "" : request.GetReflection()->GetString(request, field);
}

// Map fields in a stable order: equal requests have equal bytes.
std::string StableBytes(const google::protobuf::Message& message) {
  std::string bytes;
  google::protobuf::io::StringOutputStream stream(&bytes);
  google::protobuf::io::CodedOutputStream coded(&stream);
  coded.SetSerializationDeterministic(true);
  message.SerializePartialToCodedStream(&coded);
  coded.Trim();
  return bytes;
}

// Any deadline that a client may set: the clock of the standard library ends
// 292 years from 1970, and would wrap.
absl::Time DeadlineOf(const grpc::ServerContextBase& context) {
  const gpr_timespec deadline = gpr_convert_clock_type(context.raw_deadline(), GPR_CLOCK_REALTIME);
  return absl::FromUnixSeconds(deadline.tv_sec) + absl::Nanoseconds(deadline.tv_nsec);
}

void LogEnd(const std::string& method, const std::string& caller, const absl::Status& status, absl::Duration took) {
  const bool ours = status.code() == absl::StatusCode::kInternal || status.code() == absl::StatusCode::kUnknown;
  const std::string code = absl::StatusCodeToString(status.code());
  if (ours) {
    log::Error("rpc.failed", {{"method", method}, {"caller", caller}, {"status", status}});
  } else {
    log::Info("rpc.done", {{"method", method},
                           {"caller", caller},
                           {"code", code},
                           {"reason", errors::ReasonOf(status)},
                           {"micros", absl::ToInt64Microseconds(took)}});
  }
}

}  // namespace

Edge::Edge(Parts parts) : parts_(parts), admission_(parts_.verifier) {}

grpc::ServerUnaryReactor* Edge::Submit(grpc::CallbackServerContext* context, const google::protobuf::Message& request,
                                       Work work) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  const SteadyTime arrived = SteadyTime::Now();
  const std::string& method = MethodOf(request.GetDescriptor());
  const auto run = [this, context, reactor, arrived, &method, &request, work = std::move(work)] {
    const log::Trace trace(TraceOf(*context));
    Call call;
    call.method = method;
    call.trace_id = log::Trace::Current();
    // As PostgreSQL keeps it, so that a first response equals later reads.
    call.now = absl::FromUnixMicros(absl::ToUnixMicros(parts_.clock.Now()));
    call.deadline = std::min<SteadyTime>(DeadlineOf(*context), arrived + parts_.default_deadline);
    const auto serve = [&]() -> absl::Status {
      if (context->IsCancelled() || call.deadline.passed()) return errors::DeadlineExceeded("a thread");
      XXT_ASSIGN_OR_RETURN(call.caller, admission_.Admit(*context, method, absl::Now()));
      if (std::vector<errors::Violation> found = Violations(request); !found.empty()) {
        return errors::FieldsInvalid(std::move(found));
      }
      XXT_CRASH_POINT("rpc.admitted");
      return work(call);
    };
    absl::Status status = errors::Internal("an exception");
    static_cast<void>(Guarded(method, [&] { status = serve(); }));
    const absl::Duration took = SteadyTime::Now() - arrived;
    LogEnd(method, call.caller.subject, status, took);
    parts_.metrics.Observe(method.substr(1), absl::StatusCodeToString(status.code()), took);
    XXT_CRASH_POINT("rpc.before_finish");
    reactor->Finish(ToGrpcStatus(status));
  };
  if (!parts_.executor.TrySubmit(run)) {
    parts_.metrics.Observe(method.substr(1), "RESOURCE_EXHAUSTED", SteadyTime::Now() - arrived);
    reactor->Finish(ToGrpcStatus(errors::AtCapacity(kRetryWhenFull)));
  }
  return reactor;
}

absl::Status Edge::RunRead(const Call& call, absl::FunctionRef<absl::Status(pg::Session&)> body) {
  return pg::Read(parts_.pool, call.deadline, body);
}

absl::Status Edge::RunChange(const Call& call, grpc::CallbackServerContext* context,
                             const google::protobuf::Message& request, google::protobuf::Message* response,
                             idempotency::KeyOfRoot key_of_root,
                             absl::FunctionRef<absl::Status(pg::Session&, idempotency::Response*)> body) {
  const std::string request_id = RequestIdOf(request);
  if (request_id.empty()) {
    const absl::Status status =
        pg::InTransaction(parts_.pool, call.deadline, [&](pg::Session& session) { return body(session, nullptr); });
    XXT_CRASH_POINT("rpc.before_answer");
    return status;
  }
  // Nothing is kept under keys that may be another database's.
  if (!parts_.keys.checked()) return errors::SealKeysUnchecked(kRetryWhenUnchecked);
  std::optional<std::string> replay;
  const idempotency::Key key{call.caller.subject, call.method, request_id, StableBytes(request)};
  const auto make = [&](pg::Session& session, idempotency::Response* kept) -> absl::Status {
    XXT_RETURN_IF_ERROR(body(session, kept));
    kept->bytes = StableBytes(*response);
    return absl::OkStatus();
  };
  const absl::Status status =
      idempotency::Once(parts_.pool, call.deadline, parts_.keys, key, make, key_of_root, &replay);
  if (status.ok() && replay.has_value()) {
    if (!response->ParseFromString(*replay)) return errors::Internal("idempotency.replay");
    context->AddTrailingMetadata("idempotent-replay", "true");
    return status;
  }
  XXT_CRASH_POINT("rpc.before_answer");
  return status;
}

}  // namespace xxt::rpc
