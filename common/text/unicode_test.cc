#include "common/text/unicode.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace xxt::text {
namespace {

bool Blank(absl::string_view text) { return IsBlank(*DecodeUtf8(text)); }

bool Controls(absl::string_view text) {
  const std::u32string decoded = *DecodeUtf8(text);
  return std::any_of(decoded.begin(), decoded.end(), IsControl);
}

TEST(IsBlank, SeesThroughWhiteSpaceAndWhatHasNoWidth) {
  for (const char* text : {"", " ", "\t\n", "\u00a0", "\u3000\u3000", "\u200b", "\u200d\u2060\ufeff", "\u00ad",
                           "\u3164", "\u2003\u200b "}) {
    EXPECT_TRUE(Blank(text)) << text;
  }
  for (const char* text : {"a", "　悉", "\u200b心", "。", "👩\u200d👧"}) EXPECT_FALSE(Blank(text)) << text;
}

TEST(IsControl, IsWhatBreaksOrTurnsALine) {
  for (const char* text : {"\n", "\t", "\x7f", "\u0085", "\u2028", "\u2029", "\u202e", "\u2066", "\u200e"}) {
    EXPECT_TRUE(Controls(text)) << text;
  }
  for (const char* text : {"悉心听，3 号窗口", "👩\u200d👧", "é", "\u00a0"}) EXPECT_FALSE(Controls(text)) << text;
}

TEST(DecodeUtf8, RefusesWhatIsNone) {
  for (const char* text : {"\xff", "\xc0\x80", "\xed\xa0\x80", "\xe6\x82"}) EXPECT_FALSE(DecodeUtf8(text).ok());
}

}  // namespace
}  // namespace xxt::text
