#include "common/rpc/clock_service.h"

#include <functional>

#include "common/calendar/shanghai_time.h"
#include "common/rpc/timestamp.h"
#include "common/status/errors.h"
#include "common/status/macros.h"

namespace xxt::rpc {
namespace {

namespace v1 = ::xixinting::common::v1;

absl::StatusOr<absl::Duration> StepOf(const v1::AdvanceClockRequest& request, absl::Time now) {
  if (request.has_by() == !request.to().empty()) {
    return errors::FieldInvalid("by", "by 与 to 须且只须填一个", "set exactly one of by and to");
  }
  if (request.has_by()) {
    const absl::Duration by = absl::Seconds(request.by().seconds()) + absl::Nanoseconds(request.by().nanos());
    if (by < absl::ZeroDuration()) return errors::FieldInvalid("by", "时间不能倒退", "time never goes back");
    return by;
  }
  absl::CivilMinute minute;
  if (!absl::ParseCivilTime(request.to(), &minute)) {
    return errors::FieldInvalid("to", "应为 2026-03-02T09:00 这样的时间", "must look like 2026-03-02T09:00");
  }
  const absl::Time to = absl::FromCivil(minute, calendar::Shanghai());
  if (to < now) return errors::FieldInvalid("to", "时间不能倒退", "time never goes back");
  return to - now;
}

absl::Status Advance(FileClock& clock, const Call& call, pg::Session&, const v1::AdvanceClockRequest& request,
                     v1::AdvanceClockResponse& response) {
  XXT_ASSIGN_OR_RETURN(const absl::Duration step, StepOf(request, call.now));
  ToProto(clock.Advance(step), response.mutable_now());
  return absl::OkStatus();
}

}  // namespace

grpc::ServerUnaryReactor* ClockService::AdvanceClock(grpc::CallbackServerContext* context,
                                                     const v1::AdvanceClockRequest* request,
                                                     v1::AdvanceClockResponse* response) {
  return edge_.Read(context, request, response, std::bind_front(Advance, std::ref(clock_)));
}

}  // namespace xxt::rpc
