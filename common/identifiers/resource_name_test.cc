#include "common/identifiers/resource_name.h"

#include <re2/re2.h>

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace xxt::identifiers {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kId[] = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f";
constexpr char kOther[] = "919108f7-52d1-4320-9bac-f847db4148a8";

TEST(ParseName, ReturnsTheIdOfACase) {
  EXPECT_EQ(ParseName(std::string("cases/") + kId, "cases").value(), kId);
  EXPECT_EQ(ParseName(std::string("referrals/") + kId, "referrals").value(), kId);
}

TEST(ParseName, TakesHallsBySixOrNineDigits) {
  EXPECT_EQ(ParseName("halls/110102016", "halls").value(), "110102016");
  EXPECT_EQ(ParseName("halls/110102", "halls").value(), "110102");
  for (const char* name : {"halls/", "halls/11010201", "halls/1101020160", "halls/11010a", "halls/110102/"}) {
    EXPECT_FALSE(ParseName(name, "halls").ok()) << name;
  }
}

TEST(ParseName, TakesStaffByLowerCaseSlug) {
  EXPECT_EQ(ParseName("staff/li-na-2", "staff").value(), "li-na-2");
  EXPECT_TRUE(ParseName("staff/" + std::string(63, 'a'), "staff").ok());
  for (const std::string& id : {std::string(), std::string(64, 'a'), std::string("Li"), std::string("li na"),
                                std::string("李"), std::string("li/na")}) {
    EXPECT_FALSE(ParseName("staff/" + id, "staff").ok()) << id;
  }
}

TEST(IdsOfACollection, AreCodesOrUuids) {
  EXPECT_TRUE(HasCodes("halls") && HasCodes("staff") && HasCodes("bodies") && HasCodes("channels"));
  EXPECT_FALSE(HasCodes("cases") || HasCodes("ruleNotes"));
  EXPECT_TRUE(IsIdIn("bodies", "xicheng-hr") && IsIdIn("halls", "110102") && IsIdIn("ruleNotes", kId));
  EXPECT_FALSE(IsIdIn("bodies", "-/") || IsIdIn("bodies", "") || IsIdIn("halls", "xicheng") || IsIdIn("cases", "7"));
}

TEST(IdsOfACollection, LookLikeItsPattern) {
  for (const char* collection : {"halls", "staff", "bodies", "benefits", "routeSheets"}) {
    const RE2 pattern((std::string(IdPatternOf(collection))));
    for (const std::string& id :
         {std::string(), std::string("7"), std::string("110102"), std::string("1101020"), std::string("11010201"),
          std::string("110102016"), std::string("1101020160"), std::string("li-na-2"), std::string("Li"),
          std::string(63, 'a'), std::string(64, 'a')}) {
      EXPECT_EQ(RE2::FullMatch(id, pattern), IsIdIn(collection, id)) << collection << "/" << id;
    }
  }
  EXPECT_EQ(IdPatternOf("cases"), "{uuid}");
}

TEST(ParseName, RefusesAnotherCollectionOrAMalformedId) {
  for (const std::string& name :
       {std::string(), std::string("cases"), std::string("cases/"), std::string("cases/123"), std::string(kId),
        std::string("bodies/") + kId, std::string("cases/") + kId + "/parties/" + kOther, std::string("/cases/") + kId,
        std::string("cases/") + kId + " "}) {
    EXPECT_EQ(ParseName(name, "cases").status().code(), absl::StatusCode::kInvalidArgument) << name;
  }
}

TEST(ParseName, SaysTheFormItWantsAndNotWhatItGot) {
  const std::string message(ParseName("cases/11010519491231002X", "cases").status().message());
  EXPECT_THAT(message, HasSubstr("cases/{uuid}"));
  EXPECT_THAT(message, Not(HasSubstr("1949")));
}

TEST(ParseChildName, ReturnsBothIds) {
  const auto name = ParseChildName(std::string("cases/") + kId + "/parties/" + kOther, "cases", "parties");
  ASSERT_TRUE(name.ok()) << name.status();
  EXPECT_EQ(name->parent_id, kId);
  EXPECT_EQ(name->id, kOther);
}

TEST(ParseChildName, RefusesEverythingElse) {
  const std::string prefix = std::string("cases/") + kId;
  for (const std::string& name : {prefix, prefix + "/parties", prefix + "/parties/1", prefix + "/contacts/" + kOther,
                                  prefix + "/parties/" + kOther + "/x", std::string("cases/1/parties/") + kOther}) {
    EXPECT_EQ(ParseChildName(name, "cases", "parties").status().code(), absl::StatusCode::kInvalidArgument) << name;
  }
}

}  // namespace
}  // namespace xxt::identifiers
