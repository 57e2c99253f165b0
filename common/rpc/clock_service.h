#ifndef XXT_COMMON_RPC_CLOCK_SERVICE_H_
#define XXT_COMMON_RPC_CLOCK_SERVICE_H_

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/clock/clock.h"
#include "common/rpc/edge.h"
#include "xixinting/common/v1/clock_service.grpc.pb.h"

namespace xxt::rpc {

// How far the request moves business time, which is `now`, while it is `real` outside. At most a hundred years ahead of
// that: what counts nanoseconds ends in 2262.
// Errors: FIELD_INVALID.
absl::StatusOr<absl::Duration> StepOf(const xixinting::common::v1::AdvanceClockRequest& request, absl::Time now,
                                      absl::Time real);

// ClockService: advances the clock of a development instance. Assemblies make
// one only in builds with XXT_TEST_CLOCK and a configured clock file.
class ClockService final : public xixinting::common::v1::ClockService::CallbackService {
 public:
  // Both must outlive this.
  ClockService(Edge& edge, FileClock& clock) : edge_(edge), clock_(clock) {}

  grpc::ServerUnaryReactor* AdvanceClock(grpc::CallbackServerContext* context,
                                         const xixinting::common::v1::AdvanceClockRequest* request,
                                         xixinting::common::v1::AdvanceClockResponse* response) override;

 private:
  Edge& edge_;
  FileClock& clock_;
};

}  // namespace xxt::rpc

#endif  // XXT_COMMON_RPC_CLOCK_SERVICE_H_
