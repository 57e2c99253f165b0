#include "common/identifiers/credit_code.h"

#include <string>

#include "gtest/gtest.h"

namespace xxt::identifiers {
namespace {

TEST(CreditCode, AcceptsTheValidCodesOfTheRules) {
  EXPECT_TRUE(CreditCode::Parse("91350100M000100Y43").ok());
  EXPECT_TRUE(CreditCode::Parse("911101020000000050").ok());  // the check value 31 wraps to 0
}

TEST(CreditCode, NormalisesLowerCaseAndSpacesAround) {
  const auto parsed = CreditCode::Parse(" 91350100m000100y43 ");
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_EQ(parsed->value(), "91350100M000100Y43");
}

TEST(CreditCode, RefusesLettersOutsideTheAlphabet) {
  for (const char* text : {"91350100M000100Y4Z", "9135O100M000100Y43", "91350I00M000100Y43", "91350100S000100Y43",
                           "91350100V000100Y43", "91350100M000100Y4-"}) {
    EXPECT_EQ(CreditCode::Parse(text).status().message(),
              "social credit code: must be digits and letters other than I, O, S, V, Z")
        << text;
  }
}

TEST(CreditCode, RefusesOtherLengths) {
  for (const char* text : {"", "91350100M000100Y4", "91350100M000100Y433"}) {
    EXPECT_EQ(CreditCode::Parse(text).status().code(), absl::StatusCode::kInvalidArgument) << text;
  }
}

TEST(CreditCode, RefusesEverySingleWrongCharacter) {
  const std::string valid = "91350100M000100Y43";
  for (std::size_t i = 0; i < valid.size(); ++i) {
    for (const char c : std::string("0123456789ABCDEFGHJKLMNPQRTUWXY")) {
      if (c == valid[i]) continue;
      std::string wrong = valid;
      wrong[i] = c;
      EXPECT_FALSE(CreditCode::Parse(wrong).ok()) << wrong;
    }
  }
}

TEST(CreditCode, RefusesSwappedNeighbours) { EXPECT_FALSE(CreditCode::Parse("93150100M000100Y43").ok()); }

}  // namespace
}  // namespace xxt::identifiers
