#include "common/identity/token.h"

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "absl/time/time.h"
#include "common/identifiers/resource_name.h"
#include "common/identity/claims.h"
#include "tests/fuzz/check.h"
#include "tests/fuzz/targets.h"

namespace xxt::fuzz {
namespace {

using nlohmann::json;

constexpr char kAudience[] = "xixinting";
constexpr char kIssuer[] = "https://id.example.cn";

struct Keys {
  Keys() : staff(identity::NewKey("staff-test")), service(identity::NewKey("services-intake")) {
    const json jwks = {{"keys", {json::parse(staff.second), json::parse(service.second)}}};
    verifier = *identity::Verifier::Make(jwks.dump(), kAudience, kIssuer);
  }
  std::pair<std::string, std::string> staff;
  std::pair<std::string, std::string> service;
  std::unique_ptr<identity::Verifier> verifier;
};

}  // namespace

// The first byte says whether the rest is a whole token, or the claims of one
// that a person's or a service's key has signed. (Signing here would take most
// of the time; common/identity/token_test.cc does.)
bool Token(absl::string_view bytes) {
  static const Keys* const keys = new Keys();
  if (bytes.empty()) return false;
  const absl::string_view rest = bytes.substr(1);
  const absl::Time now = absl::FromUnixSeconds(1'800'000'000);
  switch (bytes[0]) {
    case 's': {
      const auto granted = identity::ReadClaims(rest, {"staff-test", kAudience, kIssuer}, now);
      if (!granted.ok()) return true;
      XXT_MUST(identifiers::ParseName(granted->caller.subject, "staff").ok());
      XXT_MUST(!granted->caller.Has("service"));
      XXT_MUST(granted->expires > now && granted->expires < now + absl::Hours(1));
      return true;
    }
    case 'i': {
      const auto granted = identity::ReadClaims(rest, {"services-intake", kAudience, kIssuer}, now);
      XXT_MUST(!granted.ok() || granted->caller.subject == "services/intake");
      return true;
    }
    default:
      // The keys are made anew with each run: nobody can have signed it.
      XXT_MUST(!keys->verifier->Verify(std::string(rest), now).ok());
      return true;
  }
}

}  // namespace xxt::fuzz
