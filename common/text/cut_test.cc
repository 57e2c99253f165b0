#include "common/text/cut.h"

#include "gtest/gtest.h"

namespace xxt::text {
namespace {

TEST(CutAt, KeepsWholeCharactersOnly) {
  EXPECT_EQ(CutAt(0, "来信"), "");
  EXPECT_EQ(CutAt(2, "来信"), "");
  EXPECT_EQ(CutAt(3, "来信"), "来");
  EXPECT_EQ(CutAt(5, "来信"), "来");
  EXPECT_EQ(CutAt(6, "来信"), "来信");
  EXPECT_EQ(CutAt(7, "来信"), "来信");
  EXPECT_EQ(CutAt(2, "abc"), "ab");
}

}  // namespace
}  // namespace xxt::text
