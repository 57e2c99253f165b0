#ifndef XXT_COMMON_RPC_CLOCK_SERVICE_H_
#define XXT_COMMON_RPC_CLOCK_SERVICE_H_

#include "common/clock/clock.h"
#include "common/rpc/edge.h"
#include "xixinting/common/v1/clock_service.grpc.pb.h"

namespace xxt::rpc {

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
