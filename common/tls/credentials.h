#ifndef XXT_COMMON_TLS_CREDENTIALS_H_
#define XXT_COMMON_TLS_CREDENTIALS_H_

#include <grpc/grpc.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/security/tls_certificate_provider.h>

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "common/tls/files.h"

namespace xxt::tls {

// Mutual TLS of one process (docs/decisions/0026). Its files are read again
// every second, the lists of certificates taken back at every handshake: what is
// exchanged there counts from the next connection on. Thread-safe.
class Credentials {
 public:
  // Errors: those of Check.
  static absl::StatusOr<std::unique_ptr<Credentials>> Load(const Files& files);

  // Lets in whoever has a certificate of a CA in `ca` that names the trust domain
  // and was not taken back.
  std::shared_ptr<grpc::ServerCredentials> ForServer() const;

  // Speaks to `peer` ("services/intake") and nobody else: its certificate must be
  // for the host that is dialled, too.
  std::shared_ptr<grpc::ChannelCredentials> ForChannelTo(const std::string& peer) const;

 private:
  using Provider = grpc::experimental::FileWatcherCertificateProvider;
  // gRPC's, which the provider does not begin by itself.
  struct Library {
    Library() { grpc_init(); }
    ~Library() { grpc_shutdown(); }
    Library(const Library&) = delete;
    Library& operator=(const Library&) = delete;
  };
  explicit Credentials(Files files);

  const Library library_;
  const Files files_;
  const std::shared_ptr<Provider> provider_;
};

}  // namespace xxt::tls

#endif  // XXT_COMMON_TLS_CREDENTIALS_H_
