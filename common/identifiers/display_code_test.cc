#include "common/identifiers/display_code.h"

#include <string>
#include <utility>

#include "gtest/gtest.h"

namespace xxt::identifiers {
namespace {

constexpr absl::CivilDay kDay(2026, 11, 23);

TEST(DisplayCode, HasTheFormHallDaySerialCheckDigit) {
  const std::string code = MakeDisplayCode(16, kDay, 42).value();
  EXPECT_EQ(code.substr(0, 16), "016-1123-000042-");
  EXPECT_EQ(code.size(), 17U);
  EXPECT_TRUE(IsDisplayCode(code));
}

// The check value itself is held against the standard's examples in answer_code_test.cc.
TEST(DisplayCode, ChecksAllThirteenDigits) {
  EXPECT_EQ(MakeDisplayCode(16, kDay, 42).value(), "016-1123-000042-1");
  EXPECT_EQ(MakeDisplayCode(0, absl::CivilDay(2026, 1, 1), 1).value(), "000-0101-000001-4");
}

TEST(DisplayCode, RefusesEverySingleWrongDigit) {
  const std::string valid = MakeDisplayCode(16, kDay, 42).value();
  for (std::size_t i = 0; i < valid.size(); ++i) {
    if (valid[i] == '-') continue;
    for (char c = '0'; c <= '9'; ++c) {
      if (c == valid[i]) continue;
      std::string wrong = valid;
      wrong[i] = c;
      EXPECT_FALSE(IsDisplayCode(wrong)) << wrong;
    }
  }
}

TEST(DisplayCode, RefusesOtherForms) {
  const std::string valid = MakeDisplayCode(16, kDay, 42).value();
  EXPECT_FALSE(IsDisplayCode(""));
  EXPECT_FALSE(IsDisplayCode(valid + "0"));
  EXPECT_FALSE(IsDisplayCode(valid.substr(1)));
  EXPECT_FALSE(IsDisplayCode("016 1123 000042 1"));
  EXPECT_FALSE(IsDisplayCode("016-11a3-000042-1"));
}

TEST(DisplayCode, RefusesADayThatNoYearHas) {
  for (char check = '0'; check <= '9'; ++check) {
    EXPECT_FALSE(IsDisplayCode(std::string("016-1131-000042-") + check));
    EXPECT_FALSE(IsDisplayCode(std::string("016-0230-000042-") + check));
    EXPECT_FALSE(IsDisplayCode(std::string("016-1301-000042-") + check));
    EXPECT_FALSE(IsDisplayCode(std::string("016-0000-000042-") + check));
  }
}

TEST(DisplayCode, TakesTheLeapDay) {
  EXPECT_TRUE(IsDisplayCode(MakeDisplayCode(999, absl::CivilDay(2028, 2, 29), 999'999).value()));
}

TEST(DisplayCode, RefusesNumbersThatDoNotFit) {
  for (const auto& [hall, serial] : {std::pair{-1, 1}, {1000, 1}, {16, 0}, {16, 1'000'000}}) {
    EXPECT_EQ(MakeDisplayCode(hall, kDay, serial).status().code(), absl::StatusCode::kInvalidArgument);
  }
}

}  // namespace
}  // namespace xxt::identifiers
