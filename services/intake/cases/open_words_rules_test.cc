#include "services/intake/cases/open_words_rules.h"

#include <gtest/gtest.h>

namespace xxt::intake {
namespace {

TEST(TellsOfPeople, FindsTheirNamesAndNumbersAsLongAsATelephones) {
  EXPECT_TRUE(TellsOfPeople("沈玉兰申领丧葬费", {"韩福生", "沈玉兰"}));
  EXPECT_TRUE(TellsOfPeople("请回电13800138010", {}));
  EXPECT_TRUE(TellsOfPeople("6600016", {}));
  for (const char* written : {"138 0013 8010", "138-0013-8010", "１３８００１３８０１０", "(010) 6600 0016 转 8"}) {
    EXPECT_TRUE(TellsOfPeople(written, {})) << written;
  }
  EXPECT_FALSE(TellsOfPeople("丧葬费申领", {"沈玉兰"}));
  for (const char* day : {"2026-03-02 提交", "20260302"}) EXPECT_FALSE(TellsOfPeople(day, {})) << day;
  EXPECT_FALSE(TellsOfPeople("", {"沈玉兰"}));
}

TEST(TellsOfPeople, TakesNoSingleCharacterForAName) { EXPECT_FALSE(TellsOfPeople("沈阳转来的材料", {"沈", ""})); }

}  // namespace
}  // namespace xxt::intake
