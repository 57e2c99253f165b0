#include "common/trace/context.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/log/log.h"

namespace xxt::trace {
namespace {

constexpr char kGood[] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

TEST(TraceParent, IsWrittenAsItWasRead) {
  for (const char* text : {kGood, "00-00000000000000000000000000000001-0000000000000001-00"}) {
    ASSERT_TRUE(Parse(text).has_value()) << text;
    EXPECT_EQ(Format(*Parse(text)), text);
  }
  EXPECT_TRUE(Parse(kGood)->sampled);
}

// Of the flags the first is known; of the others nothing is passed on.
TEST(TraceParent, HasAFlagThatSaysWhetherItIsRecorded) {
  const std::string ids(kGood, 53);
  const std::pair<const char*, bool> kFlags[] = {
      {"00", false}, {"01", true}, {"02", false}, {"03", true}, {"ff", true}};
  for (const auto& [flags, sampled] : kFlags) {
    const auto parsed = Parse(absl::StrCat(ids, flags));
    ASSERT_TRUE(parsed.has_value()) << flags;
    EXPECT_EQ(parsed->sampled, sampled) << flags;
    EXPECT_EQ(Format(*parsed), absl::StrCat(ids, sampled ? "01" : "00"));
  }
}

TEST(TraceParent, ThatIsNoneIsNobodys) {
  const std::string good = kGood;
  const auto with = [&good](std::size_t place, const std::string& text) {
    return std::string(good).replace(place, text.size(), text);
  };
  for (const std::string& bad : {std::string(),
                                 std::string("00"),
                                 good.substr(1),
                                 good.substr(0, 54),
                                 good + "0",
                                 good + "-00",
                                 " " + good,
                                 good + "\n",
                                 with(0, "01"),
                                 with(0, "ff"),
                                 with(0, "0x"),
                                 with(2, "_"),
                                 with(35, "_"),
                                 with(52, "_"),
                                 with(3, "0AF7"),
                                 with(3, "0ag7"),
                                 with(36, "B7"),
                                 with(53, "0A"),
                                 with(53, " 1"),
                                 with(54, "g"),
                                 with(3, std::string(32, '0')),
                                 with(36, std::string(16, '0')),
                                 with(10, std::string(1, '\0')),
                                 with(10, "\xff\xfe"),
                                 with(10, "张"),
                                 with(3, "'; DROP TABLE "),
                                 std::string(55, '-'),
                                 std::string(55, '0'),
                                 std::string(100'000, '0')}) {
    EXPECT_FALSE(Parse(bad).has_value()) << bad.substr(0, 80);
  }
}

TEST(Scope, NestsAndGivesTheLogItsTrace) {
  EXPECT_FALSE(Current().valid());
  EXPECT_EQ(log::Trace::Current(), "");
  const Context outer = *Parse(kGood);
  const Context inner = *Parse("00-00000000000000000000000000000001-0000000000000002-00");
  {
    const Scope scope(outer);
    {
      const Scope nested(inner);
      EXPECT_EQ(Current(), inner);
      EXPECT_EQ(log::Trace::Current(), "00000000000000000000000000000001");
    }
    EXPECT_EQ(Current(), outer);
    EXPECT_EQ(log::Trace::Current(), "0af7651916cd43dd8448eb211c80319c");
  }
  EXPECT_FALSE(Current().valid());
}

}  // namespace
}  // namespace xxt::trace
