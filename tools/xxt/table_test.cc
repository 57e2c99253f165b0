#include "tools/xxt/table.h"

#include <gtest/gtest.h>

#include "tools/xxt/narrator.h"

namespace xxt::cli {
namespace {

TEST(DisplayWidth, CountsAChineseCharacterAsTwo) {
  EXPECT_EQ(DisplayWidth("abc"), 3u);
  EXPECT_EQ(DisplayWidth("悉心听-abc"), 10u);
  EXPECT_EQ(DisplayWidth(""), 0u);
}

TEST(DisplayWidth, CountsACombinedCharacterOnce) { EXPECT_EQ(DisplayWidth("e\u0301"), 1u); }

TEST(CutToWidth, LeavesWhatFits) { EXPECT_EQ(CutToWidth("悉心听", 6), "悉心听"); }

TEST(CutToWidth, CutsBetweenCharactersAndSaysSo) {
  EXPECT_EQ(CutToWidth("悉心听", 5), "悉心…");
  EXPECT_EQ(CutToWidth("悉心听", 4), "悉…");
  EXPECT_EQ(CutToWidth("悉心听", 1), "…");
}

TEST(Table, AlignsTextLeftAndNumbersRight) {
  Table table({{"标题"}, {"次数", /*number=*/true}, {"name"}});
  table.AddRow({"火化证明", "3", "a"});
  table.AddRow({"x", "12", "b"});
  EXPECT_EQ(table.Render(0, false),
            "标题      次数  name\n"
            "火化证明     3  a\n"
            "x           12  b\n");
}

TEST(Table, CutsTextToTheTerminalButNeverIds) {
  Table table({{"name", false, /*whole=*/true}, {"text"}});
  table.AddRow({"cases/0193-very-long", "一二三四五六七八九十"});
  const std::string text = table.Render(34, false);
  EXPECT_NE(text.find("cases/0193-very-long"), std::string::npos);
  EXPECT_NE(text.find("一二三四五…"), std::string::npos);
}

TEST(Table, PutsIdsBelowRatherThanCuttingWords) {
  Table table({{"text"}, {"name", false, /*whole=*/true}});
  table.AddRow({"一二三四五六七八九十", "cases/0193-very-long"});
  EXPECT_EQ(table.Render(34, false), "text\n一二三四五六七八九十\n  cases/0193-very-long\n");
  EXPECT_EQ(table.Render(80, false), "text                  name\n一二三四五六七八九十  cases/0193-very-long\n");
}

TEST(Table, PutsARowOnOneLine) {
  Table table({{"text"}});
  table.AddRow({"a\nb"});
  EXPECT_EQ(table.Render(0, false), "text\na b\n");
}

TEST(Table, IsBoldOnlyWhenAsked) {
  EXPECT_EQ(Table({{"a"}}).Render(0, true), "\x1b[1ma\x1b[0m\n");
  EXPECT_EQ(Table({{"a"}}).Render(0, false), "a\n");
}

TEST(WrapToWidth, BreaksBetweenCharactersButNotBeforePunctuation) {
  EXPECT_EQ(WrapToWidth("一二三，四五", 6), (std::vector<std::string>{"一二三，", "四五"}));
}

TEST(WrapToWidth, KeepsWordsTogether) {
  EXPECT_EQ(WrapToWidth("编号 XXT-1234", 10), (std::vector<std::string>{"编号", "XXT-1234"}));
}

}  // namespace
}  // namespace xxt::cli
