#ifndef XXT_COMMON_TESTING_TOKENS_H_
#define XXT_COMMON_TESTING_TOKENS_H_

#include <memory>
#include <string>
#include <vector>

#include "common/identity/token.h"

namespace xxt::test {

// Verifies the tokens below. Keys are made once per process.
const identity::Verifier& TestVerifier();

// The public keys, and the private ones of people and of a service, as
// configuration has them.
const std::string& TestJwks();
const std::string& TestStaffKey();
const std::string& TestServiceKey(const std::string& service);

// A valid token: Token("staff/wang", "halls/110102016", {"officer"}) or
// Token("services/referral", "", {"service"}).
std::string Token(const std::string& subject, const std::string& hall, const std::vector<std::string>& roles);

}  // namespace xxt::test

#endif  // XXT_COMMON_TESTING_TOKENS_H_
