// Tokens that somebody forged, each in one way: all are refused, and each is good without that.

#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "common/identity/token.h"
#include "common/status/errors.h"
#include "common/testing/sign_payload.h"
#include "gtest/gtest.h"

namespace xxt::identity {
namespace {

using nlohmann::json;

const absl::Time kNow = absl::FromUnixSeconds(absl::ToUnixSeconds(absl::Now()));

json At(absl::Duration from_now) { return absl::ToUnixSeconds(kNow + from_now); }

struct Keys {
  std::pair<std::string, std::string> staff = NewKey("staff-test");
  std::pair<std::string, std::string> service = NewKey("services-intake");
  std::pair<std::string, std::string> stranger = NewKey("staff-test");
};

const Keys& TheKeys() {
  static const Keys* const keys = new Keys();
  return *keys;
}

std::string Text(const json& value) { return absl::WebSafeBase64Escape(value.dump()); }

// A token in the making.
struct Draft {
  json header;
  json claims;
  std::string key;
  std::string header_prefix;                                 // stands in the header before all else: "name":"x",
  std::string claims_prefix;                                 // the same of the claims
  std::function<void(std::vector<std::string>&)> tamper_by;  // with the three parts, once they are signed

  static Draft OfStaff() {
    return {{{"alg", "ES256"}, {"kid", "staff-test"}, {"typ", "JWT"}},
            {{"iss", "staff-test"},
             {"aud", "xixinting"},
             {"sub", "staff/wang"},
             {"hall", "halls/110102016"},
             {"roles", {"officer"}},
             {"iat", At(absl::ZeroDuration())},
             {"nbf", At(absl::ZeroDuration())},
             {"exp", At(absl::Minutes(10))}},
            TheKeys().staff.first,
            "",
            "",
            nullptr};
  }
  static Draft OfService() {
    Draft draft = OfStaff();
    draft.header["kid"] = draft.claims["iss"] = "services-intake";
    draft.claims["sub"] = "services/intake";
    draft.claims["roles"] = {"service"};
    draft.key = TheKeys().service.first;
    return draft;
  }

  // Empty if it cannot be signed.
  std::string Token() const {
    const auto whole = [](const std::string& prefix, const json& value) {
      return absl::StrCat("{", prefix, value.dump().substr(1));
    };
    const std::string token = test::SignUnder(whole(header_prefix, header), key, whole(claims_prefix, claims));
    if (tamper_by == nullptr || token.empty()) return token;
    std::vector<std::string> parts = absl::StrSplit(token, '.');
    tamper_by(parts);
    return absl::StrCat(parts[0], ".", parts[1], ".", parts[2]);
  }
};

struct Forgery {
  const char* name;
  std::function<void(Draft&)> forge;
  Draft good = Draft::OfStaff();
};

// Good ones whose header says where else a key is.
Draft Pointing(const char* header, json there) {
  Draft draft = Draft::OfStaff();
  draft.header[header] = std::move(there);
  return draft;
}

// What the public key's file holds, as the secret of an HMAC.
std::string PublicKeyAsSecret() {
  return json{{"kty", "oct"}, {"k", absl::WebSafeBase64Escape(TheKeys().staff.second)}, {"alg", "HS256"}}.dump();
}

std::vector<Forgery> Algorithms() {
  return {
      {"none",
       [](Draft& d) {
         d.tamper_by = [](auto& parts) { parts[0] = Text({{"alg", "none"}, {"kid", "staff-test"}}), parts[2] = ""; };
       }},
      {"none, with a signature",
       [](Draft& d) { d.tamper_by = [](auto& parts) {
                        parts[0] = Text({{"alg", "None"}, {"kid", "staff-test"}});
                      }; }},
      {"HS256 with the public key for a secret",
       [](Draft& d) { d.header["alg"] = "HS256", d.key = PublicKeyAsSecret(); }},
      {"ES384", [](Draft& d) { d.header["alg"] = "ES384", d.key = test::NewKeyFor("ES384"); }},
      {"a curve that is not the header's",
       [](Draft& d) {
         d.header["alg"] = "ES384", d.key = test::NewKeyFor("ES384");
         d.tamper_by = [](auto& parts) { parts[0] = Text({{"alg", "ES256"}, {"kid", "staff-test"}}); };
       }},
      {"RS256", [](Draft& d) { d.header["alg"] = "RS256", d.key = test::NewKeyFor("RS256"); }},
      {"no signature", [](Draft& d) { d.tamper_by = [](auto& parts) { parts[2] = ""; }; }},
      {"a signature of zeros",
       [](Draft& d) {
         d.tamper_by = [](auto& parts) { parts[2] = absl::WebSafeBase64Escape(std::string(64, '\0')); };
       }},
      {"other claims behind the signature",
       [](Draft& d) {
         json claims = d.claims;
         claims["roles"] = {"district"};
         d.tamper_by = [claims](auto& parts) { parts[1] = Text(claims); };
       }},
  };
}

std::vector<Forgery> Headers() {
  const auto by_stranger = [](Draft& d) { d.key = TheKeys().stranger.first; };
  return {
      {"an unknown kid", [](Draft& d) { d.header["kid"] = "staff-other"; }},
      {"no kid", [](Draft& d) { d.header.erase("kid"); }},
      {"the kid of another key", [](Draft& d) { d.header["kid"] = "services-intake"; }},
      {"a stranger's key under a known kid", by_stranger},
      {"jwk: the stranger's own", by_stranger, Pointing("jwk", json::parse(TheKeys().stranger.second))},
      {"jku: a set of the stranger's", by_stranger, Pointing("jku", "http://127.0.0.1:1/jwks.json")},
      {"x5u: a certificate of the stranger's", by_stranger, Pointing("x5u", "http://127.0.0.1:1/cert.pem")},
      {"x5c: a certificate of the stranger's", by_stranger, Pointing("x5c", {"AAAA"})},
      {"crit", [](Draft& d) { d.header["crit"] = {"exp"}; }},
      {"crit: a payload that is not encoded", [](Draft& d) { d.header["crit"] = {"b64"}, d.header["b64"] = false; }},
      {"crit of nothing", [](Draft& d) { d.header["crit"] = json::array(); }},
      {"two kids", [](Draft& d) { d.header_prefix = R"("kid":"services-intake",)"; }},
      {"two algorithms", [](Draft& d) { d.header_prefix = R"("alg":"none",)"; }},
  };
}

std::vector<Forgery> Claims() {
  return {
      {"another audience", [](Draft& d) { d.claims["aud"] = "elsewhere"; }},
      {"no audience", [](Draft& d) { d.claims.erase("aud"); }},
      {"another issuer", [](Draft& d) { d.claims["iss"] = "https://id.example.com"; }},
      {"another key as issuer", [](Draft& d) { d.claims["iss"] = "services-intake"; }},
      {"expired",
       [](Draft& d) {
         d.claims["iat"] = d.claims["nbf"] = At(-absl::Minutes(5)), d.claims["exp"] = At(-absl::Seconds(30));
       }},
      {"without an end", [](Draft& d) { d.claims.erase("exp"); }},
      {"issued in the future", [](Draft& d) { d.claims["iat"] = At(absl::Seconds(31)); }},
      {"not valid yet", [](Draft& d) { d.claims["nbf"] = At(absl::Seconds(31)); }},
      {"too long a life", [](Draft& d) { d.claims["exp"] = At(absl::Seconds(601)); }},
      {"a service by a person's key",
       [](Draft& d) { d.claims["sub"] = "services/intake", d.claims["roles"] = {"service"}; }},
      {"a person in the role of services",
       [](Draft& d) {
         d.claims["roles"] = {"officer", "service"};
       }},
      {"a person by a service's key", [](Draft& d) { d.claims["sub"] = "staff/wang", d.claims["roles"] = {"officer"}; },
       Draft::OfService()},
      {"another service by a service's key", [](Draft& d) { d.claims["sub"] = "services/referral"; },
       Draft::OfService()},
      {"a service in a person's role", [](Draft& d) { d.claims["roles"] = {"district"}; }, Draft::OfService()},
      {"two subjects", [](Draft& d) { d.claims_prefix = R"("sub":"staff/li",)"; }},
      {"two ends", [](Draft& d) { d.claims_prefix = R"("exp":1,)"; }},
      {"longer than 8 KiB", [](Draft& d) { d.claims["more"] = std::string(6'200, 'x'); },
       [] {
         Draft draft = Draft::OfStaff();
         draft.claims["more"] = std::string(5'000, 'x');
         return draft;
       }()},
      {"of a megabyte", [](Draft& d) { d.claims["more"] = std::string(1 << 20, 'x'); }},
  };
}

class ForgedTokenTest : public ::testing::TestWithParam<std::vector<Forgery> (*)()> {};

TEST_P(ForgedTokenTest, IsRefusedAndGoodWithoutTheForgery) {
  const json jwks = {{"keys", {json::parse(TheKeys().staff.second), json::parse(TheKeys().service.second)}}};
  for (const Forgery& one : GetParam()()) {
    // Remembers no token of another row.
    const auto verifier = *Verifier::Make(jwks.dump(), "xixinting");
    const absl::Status good = verifier->Verify(one.good.Token(), kNow).status();
    EXPECT_TRUE(good.ok()) << one.name << ": " << good;
    Draft forged = one.good;
    one.forge(forged);
    ASSERT_NE(forged.Token(), "") << one.name;
    EXPECT_EQ(errors::ReasonOf(verifier->Verify(forged.Token(), kNow).status()), "TOKEN_INVALID") << one.name;
  }
}

INSTANTIATE_TEST_SUITE_P(Table, ForgedTokenTest, ::testing::Values(&Algorithms, &Headers, &Claims));

}  // namespace
}  // namespace xxt::identity
