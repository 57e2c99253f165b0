#include "common/identifiers/resident_id.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace xxt::identifiers {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr absl::CivilDay kToday(2026, 3, 2);
// docs/domain/rules.md, "Identifiers".
constexpr const char* kValid[] = {"11010519491231002X", "440524188001010014", "34052419800101001X"};

TEST(ResidentId, AcceptsTheValidNumbersOfTheRules) {
  for (const char* text : kValid) {
    const auto parsed = ResidentId::Parse(text, kToday);
    ASSERT_TRUE(parsed.ok()) << text << ": " << parsed.status();
    EXPECT_EQ(parsed->value(), text);
  }
}

TEST(ResidentId, NormalisesALowerCaseXAndSpacesAround) {
  const auto parsed = ResidentId::Parse(" 11010519491231002x\n", kToday);
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_EQ(parsed->value(), "11010519491231002X");
  EXPECT_EQ(*parsed, *ResidentId::Parse("11010519491231002X", kToday));
}

TEST(ResidentId, KnowsTheBirthDay) {
  EXPECT_EQ(ResidentId::Parse(kValid[0], kToday)->birth_day(), absl::CivilDay(1949, 12, 31));
}

TEST(ResidentId, KeepsThreeAndFourCharactersWhenMasked) {
  EXPECT_EQ(ResidentId::Parse(kValid[0], kToday)->Masked(), "110***********002X");
}

TEST(ResidentId, AcceptsAnAbolishedDivision) {
  // Old Xuanwu, 110104, merged into Xicheng in 2010.
  int accepted = 0;
  for (const char check : std::string("0123456789X")) {
    if (ResidentId::Parse(std::string("11010419500101001") + check, kToday).ok()) ++accepted;
  }
  EXPECT_EQ(accepted, 1);
}

TEST(ResidentId, RefusesEverySingleWrongDigit) {
  const std::string valid = kValid[1];
  for (std::size_t i = 0; i < valid.size(); ++i) {
    for (char c = '0'; c <= '9'; ++c) {
      if (c == valid[i]) continue;
      std::string wrong = valid;
      wrong[i] = c;
      EXPECT_FALSE(ResidentId::Parse(wrong, kToday).ok()) << wrong;
    }
  }
}

TEST(ResidentId, RefusesABirthDateThatDoesNotExist) {
  int refused_for_the_date = 0;
  for (const char check : std::string("0123456789X")) {
    const auto parsed = ResidentId::Parse(std::string("11010519490230001") + check, kToday);
    ASSERT_FALSE(parsed.ok());
    if (parsed.status().message() == "resident identity number: birth date is not a date") ++refused_for_the_date;
  }
  EXPECT_EQ(refused_for_the_date, 1);
}

TEST(ResidentId, AcceptsABirthDateOfTodayAndRefusesOneOfTomorrow) {
  EXPECT_TRUE(ResidentId::Parse(kValid[0], absl::CivilDay(1949, 12, 31)).ok());
  EXPECT_THAT(std::string(ResidentId::Parse(kValid[0], absl::CivilDay(1949, 12, 30)).status().message()),
              HasSubstr("in the future"));
}

TEST(ResidentId, RefusesOtherLengthsAndCharacters) {
  for (const char* text : {"", "110105491231002", "11010519491231002", "11010519491231002XX", "1101051949123100X2",
                           "11010519491231 02X", "１10105194912310"}) {
    const auto parsed = ResidentId::Parse(text, kToday);
    EXPECT_EQ(parsed.status().code(), absl::StatusCode::kInvalidArgument) << text;
  }
}

TEST(ResidentId, NeverRepeatsTheNumberInAnError) {
  EXPECT_THAT(std::string(ResidentId::Parse("110105194912310021", kToday).status().message()), Not(HasSubstr("1949")));
}

}  // namespace
}  // namespace xxt::identifiers
