#include "common/identity/token.h"

#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/identifiers/resource_name.h"
#include "common/testing/sign_payload.h"
#include "tests/fuzz/check.h"
#include "tests/fuzz/targets.h"

namespace xxt::fuzz {
namespace {

using nlohmann::json;

struct Keys {
  Keys() : staff(identity::NewKey("staff-test")), service(identity::NewKey("services-intake")) {
    const json jwks = {{"keys", {json::parse(staff.second), json::parse(service.second)}}};
    verifier = *identity::Verifier::Make(jwks.dump(), "xixinting", "https://id.example.cn");
  }
  std::pair<std::string, std::string> staff;
  std::pair<std::string, std::string> service;
  std::unique_ptr<identity::Verifier> verifier;
};

}  // namespace

// The first byte says whether the rest is a whole token, or the header and
// claims of one that is then rightly signed.
void Token(absl::string_view bytes) {
  static const Keys* const keys = new Keys();
  if (bytes.empty()) return;
  const std::string rest(bytes.substr(1));
  const absl::Time now = absl::FromUnixSeconds(1'800'000'000);
  switch (bytes[0]) {
    case 's': {
      const auto caller = keys->verifier->Verify(test::SignPayload(keys->staff.first, "staff-test", rest), now);
      XXT_MUST(!caller.ok() || identifiers::ParseName(caller->subject, "staff").ok());
      XXT_MUST(!caller.ok() || !caller->Has("service"));
      return;
    }
    case 'i': {
      const auto caller = keys->verifier->Verify(test::SignPayload(keys->service.first, "services-intake", rest), now);
      XXT_MUST(!caller.ok() || caller->subject == "services/intake");
      return;
    }
    default:
      // The keys are made anew with each run: nobody can have signed it.
      XXT_MUST(!keys->verifier->Verify(rest, now).ok());
  }
}

}  // namespace xxt::fuzz
