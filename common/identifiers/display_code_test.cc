#include "common/identifiers/display_code.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace xxt::identifiers {
namespace {

constexpr int kXicheng = 110'102;

TEST(DisplayCode, HasTheFormDivisionYearSerialCheckDigit) {
  const std::string code = MakeDisplayCode(kXicheng, 2026, 42).value();
  EXPECT_EQ(code, "0102-26-000042-1");
  EXPECT_TRUE(IsDisplayCode(code));
}

TEST(DisplayCode, DiffersByDivisionAndYearAlone) {
  EXPECT_NE(MakeDisplayCode(110'102, 2026, 42).value(), MakeDisplayCode(110'106, 2026, 42).value());
  EXPECT_NE(MakeDisplayCode(110'102, 2026, 42).value(), MakeDisplayCode(110'102, 2027, 42).value());
}

TEST(DisplayCode, RefusesEverySingleWrongDigitAndEverySwapOfNeighbours) {
  int wrong_digits = 0;
  int swaps = 0;
  for (int serial = 1; serial < 1'000; ++serial) {
    const std::string valid = MakeDisplayCode(kXicheng, 2026, serial).value();
    ASSERT_TRUE(IsDisplayCode(valid));
    std::size_t previous = std::string::npos;
    for (std::size_t i = 0; i < valid.size(); ++i) {
      if (valid[i] == '-') continue;
      for (char c = '0'; c <= '9'; ++c) {
        if (c == valid[i]) continue;
        std::string wrong = valid;
        wrong[i] = c;
        EXPECT_FALSE(IsDisplayCode(wrong)) << wrong;
        ++wrong_digits;
      }
      // Neighbours when spoken: dashes are not.
      if (previous != std::string::npos && valid[i] != valid[previous]) {
        std::string wrong = valid;
        std::swap(wrong[i], wrong[previous]);
        EXPECT_FALSE(IsDisplayCode(wrong)) << wrong;
        ++swaps;
      }
      previous = i;
    }
  }
  EXPECT_EQ(wrong_digits, 999 * 13 * 9);
  EXPECT_GT(swaps, 999 * 5);
}

// What stands before comes down to one of ten values, which the digit before the two takes
// on: these are all errors there can be, in any code.
TEST(DisplayCode, RefusesThemWhateverStandsBefore) {
  for (int before = 0; before < 10; ++before) {
    for (int a = 0; a < 10; ++a) {
      for (int b = 0; b < 10; ++b) {
        const int serial = before * 100 + a * 10 + b;
        if (serial == 0) continue;
        const std::string valid = MakeDisplayCode(kXicheng, 2000, serial).value();
        const std::string swapped = absl::StrCat(valid.substr(0, 12), b, a, valid.substr(14));
        EXPECT_EQ(IsDisplayCode(swapped), a == b) << valid << " " << swapped;
        for (int other = 0; other < 10; ++other) {
          const std::string wrong = absl::StrCat(valid.substr(0, 12), other, valid.substr(13));
          EXPECT_EQ(IsDisplayCode(wrong), a == other) << valid << " " << wrong;
        }
      }
    }
  }
}

TEST(DisplayCode, RefusesOtherForms) {
  const std::string valid = MakeDisplayCode(kXicheng, 2026, 42).value();
  EXPECT_FALSE(IsDisplayCode(""));
  EXPECT_FALSE(IsDisplayCode(valid + "0"));
  EXPECT_FALSE(IsDisplayCode(valid.substr(1)));
  EXPECT_FALSE(IsDisplayCode("0102 26 000042 1"));
  EXPECT_FALSE(IsDisplayCode("0102-2a-000042-1"));
}

TEST(DisplayCode, RefusesNumbersThatDoNotFit) {
  for (const auto& [division, serial] : {std::pair{99'999, 1}, {1'000'000, 1}, {kXicheng, 0}, {kXicheng, 1'000'000}}) {
    EXPECT_EQ(MakeDisplayCode(division, 2026, serial).status().code(), absl::StatusCode::kInvalidArgument);
  }
}

}  // namespace
}  // namespace xxt::identifiers
