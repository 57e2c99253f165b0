#include "common/rpc/clock_service.h"

#include <functional>

#include "absl/time/clock.h"
#include "common/calendar/shanghai_time.h"
#include "common/rpc/timestamp.h"
#include "common/status/errors.h"
#include "common/status/macros.h"

namespace xxt::rpc {
namespace {

namespace v1 = ::xixinting::common::v1;

constexpr absl::Duration kFurthest = absl::Hours(24 * 36'525);  // a hundred years

absl::Status CheckFurthest(const char* field, absl::Time to, absl::Time real) {
  if (to <= real + kFurthest) return absl::OkStatus();
  return errors::FieldInvalid(field, "业务时间最多比现在早走一百年",
                              "business time goes at most a hundred years ahead");
}

absl::Status Advance(FileClock& clock, const Call& call, pg::Session&, const v1::AdvanceClockRequest& request,
                     v1::AdvanceClockResponse& response) {
  XXT_ASSIGN_OR_RETURN(const absl::Duration step, StepOf(request, call.now, absl::Now()));
  ToProto(clock.Advance(step), response.mutable_now());
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<absl::Duration> StepOf(const v1::AdvanceClockRequest& request, absl::Time now, absl::Time real) {
  if (request.has_by() == !request.to().empty()) {
    return errors::FieldInvalid("by", "by 与 to 须且只须填一个", "set exactly one of by and to");
  }
  if (request.has_by()) {
    const absl::Duration by = absl::Seconds(request.by().seconds()) + absl::Nanoseconds(request.by().nanos());
    if (by < absl::ZeroDuration()) return errors::FieldInvalid("by", "时间不能倒退", "time never goes back");
    XXT_RETURN_IF_ERROR(CheckFurthest("by", now + by, real));
    return by;
  }
  absl::CivilMinute minute;
  if (!absl::ParseCivilTime(request.to(), &minute)) {
    return errors::FieldInvalid("to", "应为 2026-03-02T09:00 这样的时间", "must look like 2026-03-02T09:00");
  }
  const absl::Time to = absl::FromCivil(minute, calendar::Shanghai());
  if (to < now) return errors::FieldInvalid("to", "时间不能倒退", "time never goes back");
  XXT_RETURN_IF_ERROR(CheckFurthest("to", to, real));
  return to - now;
}

grpc::ServerUnaryReactor* ClockService::AdvanceClock(grpc::CallbackServerContext* context,
                                                     const v1::AdvanceClockRequest* request,
                                                     v1::AdvanceClockResponse* response) {
  return edge_.Read(context, request, response, std::bind_front(Advance, std::ref(clock_)));
}

}  // namespace xxt::rpc
