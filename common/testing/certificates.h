#ifndef XXT_COMMON_TESTING_CERTIFICATES_H_
#define XXT_COMMON_TESTING_CERTIFICATES_H_

#include <string>

#include "absl/time/time.h"
#include "common/tls/files.h"
#include "common/tls/openssl.h"

// Certificates made in the test that uses them.
namespace xxt::test {

// A certificate and its key, in PEM.
struct Leaf {
  std::string certificate;
  std::string key;
  long serial = 0;
};

// What a leaf says.
struct LeafOptions {
  std::string name;  // "services/intake"
  std::string trust_domain = "xixinting.internal";
  std::string hosts = "DNS:localhost,IP:127.0.0.1";  // as OpenSSL's configuration spells alternative names
  absl::Duration since = absl::Hours(1);             // when it began
  absl::Duration lasts = absl::Hours(24);            // from now on
};

// An authority of its own. Aborts if OpenSSL cannot do something.
class CertificateAuthority {
 public:
  explicit CertificateAuthority(absl::Duration lasts = absl::Hours(240));

  const std::string& certificate() const { return pem_; }
  Leaf Issue(const LeafOptions& options);
  Leaf Issue(const std::string& name) { return Issue(LeafOptions{.name = name}); }

  // Writes the list that takes `leaf` back into `dir`, named as `openssl rehash` does.
  // It is late from `next` on.
  void Revoke(const Leaf& leaf, const std::string& dir, absl::Duration next = absl::Hours(24)) const;

 private:
  tls::Owned<EVP_PKEY> key_;
  tls::Owned<X509> own_;
  std::string pem_;
  long last_serial_ = 1;
};

// Writes what a process needs into the folder `dir`, at once for whoever reads it, and says
// where it stands. Again: exchanges it.
tls::Files Install(const Leaf& leaf, const std::string& ca, const std::string& dir);

}  // namespace xxt::test

#endif  // XXT_COMMON_TESTING_CERTIFICATES_H_
