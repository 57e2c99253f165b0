#include "tools/xxt/clock_call.h"

#include "common/status/macros.h"
#include "tools/xxt/schema.h"
#include "tools/xxt/session.h"
#include "xixinting/common/v1/clock_service.pb.h"

namespace xxt::cli {
namespace {

namespace v1 = ::xixinting::common::v1;

constexpr char kOperator[] = "staff/ops";

absl::StatusOr<absl::Time> Ask(Session& session, const std::string& service, const v1::AdvanceClockRequest& request) {
  XXT_ASSIGN_OR_RETURN(Rpc * rpc, session.rpc());
  XXT_ASSIGN_OR_RETURN(const auto* method, FindMethod("xixinting.common.v1.ClockService/AdvanceClock"));
  XXT_ASSIGN_OR_RETURN(const auto response, rpc->Unary(*method, request, session.OptionsFor(service, kOperator)));
  const auto& answer = static_cast<const v1::AdvanceClockResponse&>(*response);
  return absl::FromUnixSeconds(answer.now().seconds()) + absl::Nanoseconds(answer.now().nanos());
}

}  // namespace

absl::StatusOr<absl::Time> AdvanceClock(Session& session, absl::Duration by) {
  v1::AdvanceClockRequest request;
  request.mutable_by()->set_seconds(absl::ToInt64Seconds(absl::Ceil(by, absl::Seconds(1))));
  absl::StatusOr<absl::Time> now = absl::UnavailableError("no service");
  for (const std::string& service : AllServices()) {
    now = Ask(session, service, request);
    // Another service may serve it, or be there when this one is not.
    const bool elsewhere = now.status().code() == absl::StatusCode::kUnavailable ||
                           now.status().code() == absl::StatusCode::kUnimplemented;
    if (now.ok() || !elsewhere) return now;
  }
  return now;
}

}  // namespace xxt::cli
