#include "common/testing/tokens.h"

#include <map>
#include <nlohmann/json.hpp>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace xxt::test {
namespace {

struct Keys {
  std::map<std::string, std::string> by_issuer;  // private
  std::string jwks;
};

const Keys& TestKeys() {
  static const Keys* const keys = [] {
    auto* made = new Keys();
    nlohmann::json set = {{"keys", nlohmann::json::array()}};
    for (const char* issuer : {"staff-test", "services-intake", "services-referral", "services-notification"}) {
      auto [whole, open] = identity::NewKey(issuer);
      made->by_issuer[issuer] = whole;
      set["keys"].push_back(nlohmann::json::parse(open));
    }
    made->jwks = set.dump();
    return made;
  }();
  return *keys;
}

}  // namespace

const identity::Verifier& TestVerifier() {
  static const identity::Verifier* const verifier = identity::Verifier::Make(TestJwks(), "xixinting")->release();
  return *verifier;
}

const std::string& TestJwks() { return TestKeys().jwks; }

const std::string& TestStaffKey() { return TestKeys().by_issuer.at("staff-test"); }

const std::string& TestServiceKey(const std::string& service) {
  return TestKeys().by_issuer.at(absl::StrCat("services-", service));
}

std::string Token(const std::string& subject, const std::string& hall, const std::vector<std::string>& roles) {
  std::string issuer = "staff-test";
  if (absl::StartsWith(subject, "services/")) issuer = absl::StrCat("services-", subject.substr(9));
  return (*identity::Signer::Make(TestKeys().by_issuer.at(issuer), subject, hall, roles, "xixinting"))
      ->Token(absl::Now());
}

}  // namespace xxt::test
