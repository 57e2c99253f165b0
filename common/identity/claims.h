#ifndef XXT_COMMON_IDENTITY_CLAIMS_H_
#define XXT_COMMON_IDENTITY_CLAIMS_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/identity/caller.h"

// What token.h reads out of a token, but for the signature. Pure; no bytes make
// these throw.
namespace xxt::identity {

// Of a token.
inline constexpr absl::Duration kLongestLife = absl::Minutes(10);

// A compact JWS (RFC 7515) taken apart: its parts in base64url, as they came.
// Nothing of it is verified.
struct TokenParts {
  std::string header;
  std::string payload;
  std::string signature;
  std::string kid;  // names the key that it says it is signed with
};

// Errors: TOKEN_INVALID if it is none, or wants another algorithm than ES256.
absl::StatusOr<TokenParts> TakeApart(const std::string& token);

// Which key has signed the claims, and what they must say.
struct Expected {
  std::string kid;
  std::string audience;
  std::string staff_issuer;  // see Verifier::Make
};

struct Granted {
  Caller caller;
  absl::Time expires;  // no clock of ours takes it any more
};

// Whom `claims`, the JSON text of a verified payload, lets in at `now`.
// Errors: TOKEN_INVALID.
absl::StatusOr<Granted> ReadClaims(absl::string_view claims, const Expected& expected, absl::Time now);

}  // namespace xxt::identity

#endif  // XXT_COMMON_IDENTITY_CLAIMS_H_
