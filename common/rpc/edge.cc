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

idempotency::Key KeyOf(const Call& call, const google::protobuf::Message& request) {
  return {call.caller.subject, call.method, RequestIdOf(request), StableBytes(request)};
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

Edge::Edge(Parts parts) : parts_(std::move(parts)), admission_(parts_.verifier, parts_.metrics, parts_.trust_domain) {}

grpc::ServerUnaryReactor* Edge::Serve(Way way, grpc::CallbackServerContext* context, const Message* request,
                                      Message* response, Body body, idempotency::KeyOfRoot key_of_root) {
  grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
  const SteadyTime arrived = SteadyTime::Now();
  const auto served =
      std::make_shared<Served>(Served{context, request, response, std::move(body), key_of_root, reactor, arrived, {}});
  const std::string& method = MethodOf(request->GetDescriptor());
  served->call.method = method;
  served->span = SpanOf(*context, method);
  served->call.deadline = std::min<SteadyTime>(DeadlineOf(*context), arrived + parts_.default_deadline);
  if (way != Way::kQueue || !ServeHere(served)) ServeOnExecutor(way, served);
  return reactor;
}

bool Edge::ServeHere(const std::shared_ptr<Served>& served) {
  const trace::Scope scope(served->span.context());
  bool taken = false;
  static_cast<void>(Guarded(served->call.method, [&] {
    const absl::Status admitted = Admit(*served);
    taken = !admitted.ok() || QueueChange(served);
    if (!admitted.ok()) Finish(*served, admitted);
  }));
  return taken;
}

bool Edge::QueueChange(const std::shared_ptr<Served>& served) {
  // Without an id, what is run again after a failure could be done twice.
  if (RequestIdOf(*served->request).empty() || !parts_.keys.checked()) return false;
  const auto done = [this, served](const absl::Status& status) {
    if (status.ok()) return Finish(*served, status);
    served->tried = true;
    served->unknown = absl::IsUnknown(status);
    ServeOnExecutor(Way::kChange, served);
  };
  return idempotency::QueueOnce(
      parts_.pool, served->call.deadline, parts_.keys, KeyOf(served->call, *served->request),
      [&](pg::Session& session, idempotency::Response* kept) { return Make(*served, session, kept); }, done);
}

void Edge::ServeOnExecutor(Way way, const std::shared_ptr<Served>& served) {
  const auto run = [this, way, served] {
    const trace::Scope scope(served->span.context());
    absl::Status status = errors::Internal("an exception");
    static_cast<void>(Guarded(served->call.method, [&] {
      status = Admit(*served);
      if (status.ok()) status = way == Way::kRead ? RunRead(*served) : RunChange(*served);
    }));
    const bool away = absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status);
    if (served->unknown && away) status = errors::OutcomeUnknown();
    Finish(*served, status);
  };
  if (parts_.executor.TrySubmit(run)) return;
  if (served->unknown) return Finish(*served, errors::OutcomeUnknown());
  parts_.metrics.Observe(served->call.method.substr(1), "RESOURCE_EXHAUSTED", SteadyTime::Now() - served->arrived);
  served->span.End("RESOURCE_EXHAUSTED");
  served->reactor->Finish(ToGrpcStatus(errors::AtCapacity(kRetryWhenFull)));
}

absl::Status Edge::Admit(Served& served) {
  Call& call = served.call;
  if (served.context->IsCancelled() || call.deadline.passed()) return errors::DeadlineExceeded("a thread");
  if (served.admitted) return absl::OkStatus();
  // As PostgreSQL keeps it, so that a first response equals later reads.
  call.now = absl::FromUnixMicros(absl::ToUnixMicros(parts_.clock.Now()));
  XXT_ASSIGN_OR_RETURN(call.caller, admission_.Admit(*served.context, call.method, absl::Now()));
  if (std::vector<errors::Violation> found = Violations(*served.request); !found.empty()) {
    return errors::FieldsInvalid(std::move(found));
  }
  XXT_CRASH_POINT("rpc.admitted");
  served.admitted = true;
  return absl::OkStatus();
}

absl::Status Edge::RunRead(const Served& served) {
  return pg::Read(parts_.pool, served.call.deadline,
                  [&](pg::Session& session) { return served.body(served.call, session, nullptr); });
}

absl::Status Edge::Make(const Served& served, pg::Session& session, idempotency::Response* kept) {
  XXT_RETURN_IF_ERROR(served.body(served.call, session, kept));
  kept->bytes = StableBytes(*served.response);
  return absl::OkStatus();
}

absl::Status Edge::RunChange(const Served& served) {
  const Call& call = served.call;
  if (RequestIdOf(*served.request).empty()) {
    const absl::Status status = pg::InTransaction(
        parts_.pool, call.deadline, [&](pg::Session& session) { return served.body(call, session, nullptr); });
    XXT_CRASH_POINT("rpc.before_answer");
    return status;
  }
  // Nothing is kept under keys that may be another database's.
  if (!parts_.keys.checked()) return errors::SealKeysUnchecked(kRetryWhenUnchecked);
  absl::Status status;
  std::optional<std::string> replay;
  const idempotency::Key key = KeyOf(call, *served.request);
  // What failed with others most likely was the repeat among them.
  if (served.tried) {
    XXT_RETURN_IF_ERROR(idempotency::Recall(parts_.pool, call.deadline, parts_.keys, key, served.key_of_root, &replay));
  }
  if (!replay.has_value()) {
    const auto make = [&](pg::Session& session, idempotency::Response* kept) { return Make(served, session, kept); };
    status = idempotency::Once(parts_.pool, call.deadline, parts_.keys, key, make, served.key_of_root, &replay);
  }
  if (status.ok() && replay.has_value()) {
    if (!served.response->ParseFromString(*replay)) return errors::Internal("idempotency.replay");
    served.context->AddTrailingMetadata("idempotent-replay", "true");
    return status;
  }
  XXT_CRASH_POINT("rpc.before_answer");
  return status;
}

void Edge::Finish(const Served& served, const absl::Status& status) {
  const trace::Scope scope(served.span.context());
  const absl::Duration took = SteadyTime::Now() - served.arrived;
  LogEnd(served.call.method, served.call.caller.subject, status, took);
  parts_.metrics.Observe(served.call.method.substr(1), absl::StatusCodeToString(status.code()), took);
  EndSpan(served.span, status);
  XXT_CRASH_POINT("rpc.before_finish");
  served.reactor->Finish(ToGrpcStatus(status));
}

}  // namespace xxt::rpc
