#include "common/tls/identity.h"

#include <grpc/grpc_security_constants.h>

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace xxt::tls {

std::string SpiffeId(absl::string_view trust_domain, absl::string_view name) {
  return absl::StrCat("spiffe://", trust_domain, "/", name);
}

std::string NameOf(absl::string_view trust_domain, absl::string_view id) {
  return absl::ConsumePrefix(&id, SpiffeId(trust_domain, "")) ? std::string(id) : "";
}

std::string PeerOf(const grpc::AuthContext& connection, absl::string_view trust_domain) {
  const std::vector<grpc::string_ref> ids = connection.FindPropertyValues(GRPC_PEER_SPIFFE_ID_PROPERTY_NAME);
  return ids.size() == 1 ? NameOf(trust_domain, {ids[0].data(), ids[0].size()}) : "";
}

}  // namespace xxt::tls
