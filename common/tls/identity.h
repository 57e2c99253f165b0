#ifndef XXT_COMMON_TLS_IDENTITY_H_
#define XXT_COMMON_TLS_IDENTITY_H_

#include <grpcpp/security/auth_context.h>

#include <string>

#include "absl/strings/string_view.h"

// Who a certificate is of: its one URI, spiffe://TRUST_DOMAIN/NAME. NAME is
// "services/intake", "edge", "toolbox" or "probe".
namespace xxt::tls {

std::string SpiffeId(absl::string_view trust_domain, absl::string_view name);

// The NAME of `id`; empty if it is no SPIFFE id of the trust domain.
std::string NameOf(absl::string_view trust_domain, absl::string_view id);

// The NAME of who is at the other end of a call's connection; empty if no
// certificate of the trust domain says one.
std::string PeerOf(const grpc::AuthContext& connection, absl::string_view trust_domain);

}  // namespace xxt::tls

#endif  // XXT_COMMON_TLS_IDENTITY_H_
