#include "common/identity/token.h"

#include <gtest/gtest.h>

#include <atomic>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <random>
#include <thread>

#include "absl/strings/escaping.h"
#include "absl/time/clock.h"
#include "common/testing/sign_payload.h"

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

  // What a staff token of now says; tests change it.
  static json Claims() {
    const std::int64_t now = absl::ToUnixSeconds(absl::Now());
    return {{"iss", "staff-test"},  {"aud", "xixinting"}, {"sub", "staff/wang"}, {"hall", "halls/110102016"},
            {"roles", {"officer"}}, {"iat", now},         {"exp", now + 300}};
  }

  // A token with these claims, whatever they are, signed by the staff's key.
  std::string SignClaims(const json& claims) { return test::SignPayload(staff_.first, "staff-test", claims.dump()); }

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

// Nothing is verified yet where these bytes are read.
TEST_F(TokenTest, RefusesAnyBytesWithoutThrowing) {
  const std::string header = absl::WebSafeBase64Escape(R"({"alg":"ES256","kid":"services-intake"})");
  for (const std::string& token :
       {header + ".e30.\xff", header + ".\xff.e30", header + ".e30.", std::string("\xff.\xff.\xff"), header + "..",
        header + ".e30.e30.e30", std::string("\0.\0.\0", 5), header + ".e30.\"\\", header + ".e30=.e30",
        header + ".e30.e30\n", std::string(1 << 20, 'A')}) {
    EXPECT_EQ(errors::ReasonOf(verifier_->Verify(token, absl::Now()).status()), "TOKEN_INVALID");
  }
  const std::string good = Sign(staff_.first, "staff/wang", {"officer"});
  std::minstd_rand random(7);
  for (int i = 0; i < 20'000; ++i) {
    std::string spoilt = good;
    for (int j = 0; j < 3; ++j) spoilt[random() % spoilt.size()] = static_cast<char>(random());
    static_cast<void>(verifier_->Verify(spoilt, absl::Now()));
  }
}

TEST_F(TokenTest, IsNotValidBeforeItsNbf) {
  json claims = Claims();
  claims["nbf"] = absl::ToUnixSeconds(absl::Now() - absl::Minutes(1));
  EXPECT_TRUE(Accepted(SignClaims(claims)));
  claims["nbf"] = absl::ToUnixSeconds(absl::Now() + absl::Minutes(2));
  EXPECT_FALSE(Accepted(SignClaims(claims)));
  claims["nbf"] = "now";
  EXPECT_FALSE(Accepted(SignClaims(claims)));
}

TEST_F(TokenTest, ATokenOfATimeThatIsStillToComeIsNotUsed) {
  const auto signer = *Signer::Make(service_.first, "services/intake", "halls/110102016", {"service"}, "xixinting");
  const absl::Time now = absl::Now();
  const std::string first = signer->Token(now);
  EXPECT_EQ(signer->Token(now + absl::Minutes(1)), first);
  // The wall clock is set back.
  for (const absl::Duration step : {absl::Minutes(1), absl::Minutes(4), absl::Hours(1)}) {
    const absl::Time set = now - step;
    EXPECT_TRUE(verifier_->Verify(signer->Token(set), set).ok()) << step;
  }
}

TEST_F(TokenTest, TheAudienceMayBeAList) {
  json claims = Claims();
  claims["aud"] = {"elsewhere", "xixinting"};
  EXPECT_TRUE(Accepted(SignClaims(claims)));
  claims["aud"] = {"elsewhere", 7, nullptr};
  EXPECT_FALSE(Accepted(SignClaims(claims)));
  claims["aud"] = json::array();
  EXPECT_FALSE(Accepted(SignClaims(claims)));
}

TEST_F(TokenTest, AnIdentityProviderIsNamedByItsUrl) {
  const json jwks = {{"keys", {json::parse(staff_.second), json::parse(service_.second)}}};
  const auto verifier = *Verifier::Make(jwks.dump(), "xixinting", "https://id.example.cn/realms/district");
  json claims = Claims();
  claims["iss"] = "https://id.example.cn/realms/district";
  EXPECT_TRUE(verifier->Verify(SignClaims(claims), absl::Now()).ok());
  EXPECT_FALSE(Accepted(SignClaims(claims)));
  claims["iss"] = "https://id.example.com/realms/district";
  EXPECT_FALSE(verifier->Verify(SignClaims(claims), absl::Now()).ok());
  EXPECT_FALSE(verifier->Verify(SignClaims(Claims()), absl::Now()).ok());
  // Services sign for themselves, and are named by their keys.
  EXPECT_TRUE(verifier->Verify(Sign(service_.first, "services/intake", {"service"}), absl::Now()).ok());
}

TEST_F(TokenTest, ASubjectIsANameThatMayOwnThings) {
  for (const std::string& subject :
       {std::string("staff/"), std::string("staff/../../x"), "staff/" + std::string(3000, 'x'),
        std::string("staff/Wang"), std::string("staff/wang\n"), std::string("staff/a/b"),
        std::string("services/intake"), std::string()}) {
    json claims = Claims();
    claims["sub"] = subject;
    EXPECT_FALSE(Accepted(SignClaims(claims))) << subject;
  }
  json claims = Claims();
  claims["hall"] = "halls/../x";
  EXPECT_FALSE(Accepted(SignClaims(claims)));
}

TEST_F(TokenTest, TimesMayHaveAFractionAndNoNumberIsTooLarge) {
  json claims = Claims();
  claims["exp"] = absl::ToDoubleSeconds(absl::Now() - absl::UnixEpoch()) + 300.5;
  EXPECT_TRUE(Accepted(SignClaims(claims)));
  for (const json& time : {json(1e300), json(-1e300), json(18446744073709551615U), json(INT64_MIN), json("300")}) {
    for (const char* name : {"exp", "iat", "nbf"}) {
      claims = Claims();
      claims[name] = time;
      const bool harmless = std::string(name) == "nbf" && time.is_number() && time.get<double>() < 0;
      EXPECT_EQ(Accepted(SignClaims(claims)), harmless) << name << " " << time;
    }
  }
}

// Those of a set with these keys, public JWKs.
std::string SetOf(std::initializer_list<std::string> keys) {
  json set = {{"keys", json::array()}};
  for (const std::string& key : keys) set["keys"].push_back(json::parse(key));
  return set.dump();
}

TEST_F(TokenTest, KeysAreExchangedWhileOldAndNewAreGood) {
  const auto next = NewKey("staff-next");
  const std::string old_token = Sign(staff_.first, "staff/wang", {"officer"});
  const std::string new_token = Sign(next.first, "staff/wang", {"officer"});
  EXPECT_FALSE(Accepted(new_token));
  EXPECT_TRUE(verifier_->Take(SetOf({staff_.second, next.second})).ok());
  EXPECT_TRUE(Accepted(old_token) && Accepted(new_token));
  EXPECT_TRUE(verifier_->Take(SetOf({next.second})).ok());
  EXPECT_FALSE(Accepted(old_token)) << "was remembered";
  EXPECT_TRUE(Accepted(new_token));
}

TEST_F(TokenTest, NoCallIsRefusedWhileKeysThatAreGoodBeforeAndAfterAreExchanged) {
  const std::string token = Sign(staff_.first, "staff/wang", {"officer"});
  const std::string alone = SetOf({staff_.second});
  const std::string both = SetOf({staff_.second, service_.second});
  std::atomic<bool> done{false};
  std::atomic<int> refused{0};
  std::thread caller([&] {
    while (!done) refused += Accepted(token) ? 0 : 1;
  });
  for (int i = 0; i < 200; ++i) EXPECT_TRUE(verifier_->Take(i % 2 == 0 ? alone : both).ok());
  done = true;
  caller.join();
  EXPECT_EQ(refused, 0);
}

TEST_F(TokenTest, ASetThatIsNoneChangesNothing) {
  const std::string token = Sign(staff_.first, "staff/wang", {"officer"});
  for (const std::string& broken :
       {std::string(), std::string("{"), SetOf({}), SetOf({staff_.first}), SetOf({service_.second, service_.second})}) {
    EXPECT_EQ(verifier_->Take(broken).code(), absl::StatusCode::kInvalidArgument) << broken.size();
    EXPECT_TRUE(Accepted(token));
  }
}

TEST_F(TokenTest, KeysThatAreTakenAwayAreCountedAndOthersAreNot) {
  const auto next = NewKey("staff-next");
  const std::string both = SetOf({staff_.second, service_.second});
  EXPECT_TRUE(verifier_->Take(both).ok());
  EXPECT_TRUE(verifier_->Take(SetOf({next.second, service_.second, staff_.second})).ok());
  EXPECT_FALSE(verifier_->Take(SetOf({})).ok());
  EXPECT_EQ(verifier_->removals(), 0);
  EXPECT_TRUE(verifier_->Take(both).ok());
  EXPECT_EQ(verifier_->removals(), 1);
  EXPECT_TRUE(verifier_->Take(SetOf({NewKey("staff-test").second, service_.second})).ok());
  EXPECT_EQ(verifier_->removals(), 2) << "another key has its kid";
}

TEST_F(TokenTest, AServiceSignsWithItsNewKeyOnceThePublicOneIsKnown) {
  const auto signer = *Signer::Make(service_.first, "services/intake", "", {"service"}, "xixinting");
  const std::string old_token = signer->Token(absl::Now());
  const auto next = NewKey("services-intake.2027");
  EXPECT_EQ(signer->Take(next.first, *verifier_).code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(signer->Token(absl::Now()), old_token);
  ASSERT_TRUE(verifier_->Take(SetOf({service_.second, next.second})).ok());
  for (const std::string& broken : {std::string(), next.second, NewKey("services-intake.2027").first}) {
    EXPECT_FALSE(signer->Take(broken, *verifier_).ok());
  }
  EXPECT_EQ(signer->Token(absl::Now()), old_token);
  EXPECT_TRUE(signer->Take(next.first, *verifier_).ok());
  EXPECT_TRUE(Accepted(old_token) && Accepted(signer->Token(absl::Now())));
  ASSERT_TRUE(verifier_->Take(SetOf({next.second})).ok());
  EXPECT_FALSE(Accepted(old_token));
  EXPECT_TRUE(Accepted(signer->Token(absl::Now())));
}

TEST_F(TokenTest, RefusesAKeySetWithPrivateOrNamelessKeys) {
  EXPECT_FALSE(Verifier::Make(json{{"keys", {json::parse(staff_.first)}}}.dump(), "xixinting").ok());
  EXPECT_FALSE(Verifier::Make("{}", "xixinting").ok());
  EXPECT_FALSE(Verifier::Make("not json", "xixinting").ok());
}

}  // namespace
}  // namespace xxt::identity
