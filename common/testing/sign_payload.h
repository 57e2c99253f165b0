#ifndef XXT_COMMON_TESTING_SIGN_PAYLOAD_H_
#define XXT_COMMON_TESTING_SIGN_PAYLOAD_H_

#include <string>

#include "absl/strings/string_view.h"

namespace xxt::test {

// A compact JWS over any bytes, signed with the private JWK `key` of name
// `kid`: what identity::Signer would never sign.
std::string SignPayload(const std::string& key, const std::string& kid, absl::string_view payload);
// The same under any header, which says the algorithm. Empty if the key is not of that.
std::string SignUnder(absl::string_view header, const std::string& key, absl::string_view payload);
// A new JWK for the JWS algorithm `alg`, "ES384".
std::string NewKeyFor(const std::string& alg);

}  // namespace xxt::test

#endif  // XXT_COMMON_TESTING_SIGN_PAYLOAD_H_
