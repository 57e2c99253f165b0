#ifndef XXT_COMMON_TESTING_SIGN_PAYLOAD_H_
#define XXT_COMMON_TESTING_SIGN_PAYLOAD_H_

#include <string>

#include "absl/strings/string_view.h"

namespace xxt::test {

// A compact JWS over any bytes, signed with the private JWK `key` of name
// `kid`: what identity::Signer would never sign.
std::string SignPayload(const std::string& key, const std::string& kid, absl::string_view payload);

}  // namespace xxt::test

#endif  // XXT_COMMON_TESTING_SIGN_PAYLOAD_H_
