#ifndef XXT_TESTS_BENCH_TLS_H_
#define XXT_TESTS_BENCH_TLS_H_

#include <grpcpp/security/credentials.h>
#include <grpcpp/security/server_credentials.h>

#include <fstream>
#include <iterator>
#include <memory>
#include <string>

// TLS with certificates of both ends, of a folder that tools/lib/certificates.sh
// made; of no folder (""): plaintext.
namespace xxt::bench {

inline std::string ReadFile(const std::string& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

// As `toolbox`. Channels share a connection only if they have the same object.
inline std::shared_ptr<grpc::ChannelCredentials> ClientCredentials(const std::string& folder) {
  if (folder.empty()) return grpc::InsecureChannelCredentials();
  grpc::SslCredentialsOptions options;
  options.pem_root_certs = ReadFile(folder + "/ca.crt");
  options.pem_private_key = ReadFile(folder + "/toolbox.key");
  options.pem_cert_chain = ReadFile(folder + "/toolbox.crt");
  return grpc::SslCredentials(options);
}

// As `services/intake`; lets in whoever has a certificate of the same CA.
inline std::shared_ptr<grpc::ServerCredentials> ServerCredentials(const std::string& folder) {
  if (folder.empty()) return grpc::InsecureServerCredentials();
  grpc::SslServerCredentialsOptions options(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  options.pem_root_certs = ReadFile(folder + "/ca.crt");
  options.pem_key_cert_pairs.push_back({ReadFile(folder + "/intake.key"), ReadFile(folder + "/intake.crt")});
  return grpc::SslServerCredentials(options);
}

}  // namespace xxt::bench

#endif  // XXT_TESTS_BENCH_TLS_H_
