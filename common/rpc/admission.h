#ifndef XXT_COMMON_RPC_ADMISSION_H_
#define XXT_COMMON_RPC_ADMISSION_H_

#include <google/protobuf/descriptor.h>
#include <grpcpp/grpcpp.h>

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/identity/caller.h"
#include "common/identity/token.h"
#include "common/metrics/rpc_metrics.h"
#include "common/trace/span.h"

namespace xxt::rpc {

// Decides who is let in, by what the linked descriptors say of each method's
// callers, and of who may bring a caller's token (edge/callers.h). A method that
// says nothing lets nobody in (and does not build; see protos/access_check.cc).
// Thread-safe.
class Admission {
 public:
  // Both must outlive this. Whoever brings a token must have a certificate of
  // `trust_domain`; it is empty in a test that speaks plaintext.
  Admission(const identity::Verifier& verifier, metrics::RpcMetrics& metrics, std::string trust_domain)
      : verifier_(verifier), metrics_(metrics), trust_domain_(std::move(trust_domain)) {}

  // The caller, with the halls that the roles which open `method` allow: all for
  // district staff, services, operators and portals, else the token's own. So a token of
  // two roles has the reach of those that this method asks for; roles that whoever is
  // at the other end of the connection may not bring are not the caller's.
  // Errors: TOKEN_INVALID (no hall, too, where the roles need one), PEER_MISMATCH, ROLE_MISSING.
  absl::StatusOr<identity::Caller> Admit(const grpc::ServerContextBase& context, const std::string& method,
                                         absl::Time now) const;

 private:
  // Takes from the caller the roles that whoever is at the other end may not bring.
  // True if there was one.
  bool DropUnbrought(const grpc::ServerContextBase& context, identity::Caller& caller) const;
  // PEER_MISMATCH, counted and logged: what is left of the roles opens nothing.
  absl::Status Mismatch(const grpc::ServerContextBase& context, const std::string& method,
                        const identity::Caller& caller) const;

  const identity::Verifier& verifier_;
  metrics::RpcMetrics& metrics_;
  const std::string trust_domain_;
};

// "/xixinting.intake.v1.CaseService/GetCase": the method that takes `request`.
// (The callback context does not tell; every method has a request of its own.)
const std::string& MethodOf(const google::protobuf::Descriptor* request);

// The span of a call: of the trace that the caller's traceparent tells of, or of a
// new one. `method` must outlive it.
trace::Span SpanOf(const grpc::ServerContextBase& context, const std::string& method);

// Ends it with the status that the caller is answered.
void EndSpan(const trace::Span& span, const absl::Status& status);

}  // namespace xxt::rpc

#endif  // XXT_COMMON_RPC_ADMISSION_H_
