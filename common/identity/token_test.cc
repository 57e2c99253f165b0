#include "common/identity/token.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"

namespace xxt::identity {
namespace {

using nlohmann::json;

class TokenTest : public testing::Test {
 protected:
  TokenTest() : staff_(NewKey("staff-test")), service_(NewKey("services-intake")) {
    const json jwks = {{"keys", {json::parse(staff_.second), json::parse(service_.second)}}};
    verifier_ = *Verifier::Make(jwks.dump(), "xixinting");
  }

  std::string Sign(const std::string& key, const std::string& subject, std::vector<std::string> roles,
                   const std::string& audience = "xixinting", absl::Time now = absl::Now()) {
    return (*Signer::Make(key, subject, "halls/110102016", std::move(roles), audience))->Token(now);
  }

  bool Accepted(const std::string& token) { return verifier_->Verify(token, absl::Now()).ok(); }

  std::pair<std::string, std::string> staff_;
  std::pair<std::string, std::string> service_;
  std::unique_ptr<Verifier> verifier_;
};

TEST_F(TokenTest, TellsWhoCalls) {
  const auto caller = verifier_->Verify(Sign(staff_.first, "staff/wang", {"officer"}), absl::Now());
  ASSERT_TRUE(caller.ok()) << caller.status();
  EXPECT_EQ(caller->subject, "staff/wang");
  EXPECT_EQ(caller->hall, "halls/110102016");
  EXPECT_TRUE(caller->Has("officer"));
}

TEST_F(TokenTest, RefusesAnotherAudienceAndExpiredTokens) {
  EXPECT_FALSE(Accepted(Sign(staff_.first, "staff/wang", {"officer"}, "elsewhere")));
  EXPECT_FALSE(Accepted(Sign(staff_.first, "staff/wang", {"officer"}, "xixinting", absl::Now() - absl::Hours(1))));
  EXPECT_FALSE(Accepted(Sign(staff_.first, "staff/wang", {"officer"}, "xixinting", absl::Now() + absl::Hours(1))));
}

TEST_F(TokenTest, RefusesAKeyThatSpeaksForSomebodyElse) {
  EXPECT_FALSE(Accepted(Sign(service_.first, "staff/wang", {"officer"})));
  EXPECT_FALSE(Accepted(Sign(service_.first, "services/referral", {"service"})));
  EXPECT_FALSE(Accepted(Sign(staff_.first, "staff/wang", {"service"})));
  EXPECT_TRUE(Accepted(Sign(service_.first, "services/intake", {"service"})));
}

TEST_F(TokenTest, RefusesChangedAndUnsignedTokens) {
  const std::string token = Sign(staff_.first, "staff/wang", {"officer"});
  const std::vector<std::string> parts = absl::StrSplit(token, '.');
  json claims = json::parse([&] {
    std::string text;
    absl::WebSafeBase64Unescape(parts[1], &text);
    return text;
  }());
  claims["roles"] = {"district"};
  EXPECT_FALSE(Accepted(absl::StrCat(parts[0], ".", absl::WebSafeBase64Escape(claims.dump()), ".", parts[2])));
  for (const char* alg : {"none", "HS256", "ES384"}) {
    const std::string header = absl::WebSafeBase64Escape(json{{"alg", alg}, {"kid", "staff-test"}}.dump());
    EXPECT_FALSE(Accepted(absl::StrCat(header, ".", parts[1], ".", parts[2]))) << alg;
    EXPECT_FALSE(Accepted(absl::StrCat(header, ".", parts[1], "."))) << alg;
  }
  EXPECT_FALSE(Accepted(""));
  EXPECT_FALSE(Accepted("a.b.c"));
}

TEST_F(TokenTest, RefusesKeysOfAnUnknownIssuer) {
  EXPECT_FALSE(Accepted(Sign(NewKey("staff-test").first, "staff/wang", {"officer"})));
  EXPECT_FALSE(Accepted(Sign(NewKey("staff-other").first, "staff/wang", {"officer"})));
}

TEST_F(TokenTest, RefusesAKeySetWithPrivateOrNamelessKeys) {
  EXPECT_FALSE(Verifier::Make(json{{"keys", {json::parse(staff_.first)}}}.dump(), "xixinting").ok());
  EXPECT_FALSE(Verifier::Make("{}", "xixinting").ok());
  EXPECT_FALSE(Verifier::Make("not json", "xixinting").ok());
}

}  // namespace
}  // namespace xxt::identity
