#ifndef XXT_COMMON_RPC_GRPC_LOG_H_
#define XXT_COMMON_RPC_GRPC_LOG_H_

namespace xxt::rpc {

// From now on what gRPC itself reports becomes a line of our log, "grpc.reported":
// raw ones would not be JSON. Its words are kept where they are about a handshake;
// elsewhere they may quote what was received, and only the place is. Seldom of one
// place: whoever knocks may do so all the time. Idempotent.
void TakeGrpcReports();

}  // namespace xxt::rpc

#endif  // XXT_COMMON_RPC_GRPC_LOG_H_
