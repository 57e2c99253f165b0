#ifndef XXT_COMMON_IDENTITY_TOKEN_H_
#define XXT_COMMON_IDENTITY_TOKEN_H_

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/concurrency/mutex.h"
#include "common/identity/caller.h"

// Bearer tokens: compact JWS, ES256 only, through libjose. Claims: iss, aud (a
// text or a list), sub, hall, roles, iat, exp, nbf, jti. Tokens live ten minutes
// at most. iss is the signing key's kid, or for people the one issuer that the
// configuration names: identity providers sign with keys whose kids change.
//
// Everything here is read from strangers: no bytes make it throw, and nothing
// of a token counts before its signature is verified.
//
// A key signs only for whom its kid is made: "services-intake", or with anything
// behind a dot, "services-intake.2027", for "services/intake" in the role service,
// every other key for "staff/…" in the roles of people. So a service's key can
// never pose as an officer.
//
// Keys are exchanged while others use them: first the public keys of old and new,
// then the private key, then, ten minutes later, the new public key alone.
namespace xxt::identity {

// Checks tokens against the public keys of a JWKS. Thread-safe; remembers
// what it verified until it expires, or other keys are taken.
class Verifier {
 public:
  // `staff_issuer` is iss of people's tokens, often a URL; empty: the key's kid.
  // Errors: INVALID_ARGUMENT if `jwks` is not a set of EC keys with kid.
  static absl::StatusOr<std::unique_ptr<Verifier>> Make(const std::string& jwks, std::string audience,
                                                        std::string staff_issuer = "");
  ~Verifier();

  // From now on these are the keys: of no other any token is good. Errors: as Make, and then all stays as it was.
  absl::Status Take(const std::string& jwks);

  // How often Take has taken a key away that was good before: whoever was let in under a lower number may be let in no
  // more.
  std::int64_t removals() const;

  // The caller that `token` names. Errors: TOKEN_INVALID.
  absl::StatusOr<Caller> Verify(const std::string& token, absl::Time now) const;

 private:
  struct Keys;
  struct Known {
    Caller caller;
    absl::Time expires;
  };
  static absl::StatusOr<std::shared_ptr<const Keys>> Read(const std::string& jwks);
  Verifier(std::shared_ptr<const Keys> keys, std::string audience, std::string staff_issuer);
  absl::StatusOr<Known> Check(const Keys& keys, const std::string& token, absl::Time now) const;

  const std::string audience_;
  const std::string staff_issuer_;
  mutable Mutex mu_;
  std::shared_ptr<const Keys> keys_ XXT_GUARDED_BY(mu_);
  std::int64_t removals_ XXT_GUARDED_BY(mu_) = 0;
  mutable std::unordered_map<std::string, Known> known_ XXT_GUARDED_BY(mu_);
};

// Makes tokens for one subject with a private key. Thread-safe; reuses a token
// until half its life is over.
class Signer {
 public:
  // `key` is a private JWK. Errors: INVALID_ARGUMENT if it cannot sign ES256.
  static absl::StatusOr<std::unique_ptr<Signer>> Make(const std::string& key, std::string subject, std::string hall,
                                                      std::vector<std::string> roles, std::string audience);
  ~Signer();

  std::string Token(absl::Time now) const;

  // From now on signs with `key`, as in Make. Errors: as Make, and FAILED_PRECONDITION if `verifier` would refuse its
  // tokens; then all stays as it was.
  absl::Status Take(const std::string& key, const Verifier& verifier);

 private:
  struct Key;
  static absl::StatusOr<std::shared_ptr<const Key>> Read(const std::string& key);
  Signer(std::shared_ptr<const Key> key, Caller caller, std::string audience);
  // Empty if the key does not sign ES256.
  std::string Sign(const Key& key, absl::Time now) const;

  const Caller caller_;
  const std::string audience_;
  mutable Mutex mu_;
  std::shared_ptr<const Key> key_ XXT_GUARDED_BY(mu_);
  mutable std::string token_ XXT_GUARDED_BY(mu_);
  mutable absl::Time reuse_until_ XXT_GUARDED_BY(mu_) = absl::InfinitePast();
};

// A new ES256 key pair named `kid`: {private JWK, public JWK}. For development
// and tests; production keys come from the district's identity provider.
std::pair<std::string, std::string> NewKey(const std::string& kid);

}  // namespace xxt::identity

#endif  // XXT_COMMON_IDENTITY_TOKEN_H_
