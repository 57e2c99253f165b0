#include "common/tls/credentials.h"

#include <grpcpp/security/tls_certificate_verifier.h>
#include <grpcpp/security/tls_credentials_options.h>

#include <functional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "common/log/log.h"
#include "common/status/macros.h"
#include "common/tls/identity.h"

namespace xxt::tls {
namespace {

using grpc::experimental::ExternalCertificateVerifier;
using grpc::experimental::TlsCustomVerificationCheckRequest;

constexpr unsigned kReadAgainSeconds = 1;

std::string Text(const grpc::string_ref& text) { return {text.data(), text.size()}; }

// What is asked of a peer once OpenSSL has found its certificate to be of a CA
// and in time. gRPC calls it at each handshake, of resumed sessions too.
class PeerVerifier final : public ExternalCertificateVerifier {
 public:
  // An empty `peer` is anybody of the trust domain, who then is not dialled.
  PeerVerifier(Files files, std::string peer) : files_(std::move(files)), peer_(std::move(peer)) {}

  bool Verify(TlsCustomVerificationCheckRequest* request, std::function<void(grpc::Status)> /*callback*/,
              grpc::Status* sync_status) override {
    *sync_status = grpc::Status::OK;
    const bool known = peer_.empty() || host_name_.Verify(
                                            request, [](const grpc::Status&) {}, sync_status);
    if (!known) *sync_status = Refuse("", "its host cannot be told");
    if (sync_status->ok()) *sync_status = Judge(*request);
    return true;
  }
  void Cancel(TlsCustomVerificationCheckRequest* /*request*/) override {}

 private:
  grpc::Status Judge(const TlsCustomVerificationCheckRequest& request) const {
    const std::vector<grpc::string_ref> ids = request.uri_names();
    const std::string id = ids.size() == 1 ? Text(ids[0]) : "";
    const std::string name = NameOf(files_.trust_domain, id);
    if (name.empty()) return Refuse(id, "its certificate names nobody of the trust domain");
    if (!peer_.empty() && name != peer_) return Refuse(id, absl::StrCat("is not ", peer_));
    const absl::Status status =
        CheckNotRevoked(files_, Text(request.peer_cert()), Text(request.peer_cert_full_chain()));
    return status.ok() ? grpc::Status::OK : Refuse(id, status.message());
  }
  static grpc::Status Refuse(const std::string& id, absl::string_view why) {
    log::Warning("tls.peer_refused", {{"peer", id}, {"why", why}});
    return {grpc::StatusCode::UNAUTHENTICATED, absl::StrCat("tls: ", id, ": ", why)};
  }

  const Files files_;
  const std::string peer_;
  grpc::experimental::HostNameCertificateVerifier host_name_;  // answers at once
};

}  // namespace

absl::StatusOr<std::unique_ptr<Credentials>> Credentials::Load(const Files& files) {
  XXT_RETURN_IF_ERROR(Check(files, absl::Now()));
  return std::unique_ptr<Credentials>(new Credentials(files));
}

Credentials::Credentials(Files files)
    : files_(std::move(files)),
      provider_(std::make_shared<Provider>(files_.key, files_.certificate, files_.ca, kReadAgainSeconds)) {}

std::shared_ptr<grpc::ServerCredentials> Credentials::ForServer() const {
  grpc::experimental::TlsServerCredentialsOptions options(provider_);
  options.set_cert_request_type(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  options.watch_root_certs();
  options.watch_identity_key_cert_pairs();
  options.set_certificate_verifier(ExternalCertificateVerifier::Create<PeerVerifier>(files_, ""));
  return grpc::experimental::TlsServerCredentials(options);
}

std::shared_ptr<grpc::ChannelCredentials> Credentials::ForChannelTo(const std::string& peer) const {
  grpc::experimental::TlsChannelCredentialsOptions options;
  options.set_certificate_provider(provider_);
  options.watch_root_certs();
  options.watch_identity_key_cert_pairs();
  options.set_certificate_verifier(ExternalCertificateVerifier::Create<PeerVerifier>(files_, peer));
  return grpc::experimental::TlsCredentials(options);
}

}  // namespace xxt::tls
