#include <gtest/gtest.h>

#include "common/pg/session.h"

namespace xxt::pg {
namespace {

TEST(Param, WritesTimesInUtcWithMicroseconds) {
  const absl::Time time =
      absl::FromCivil(absl::CivilSecond(2026, 3, 2, 9, 0, 1), absl::FixedTimeZone(8 * 3600)) + absl::Microseconds(42);
  EXPECT_STREQ(Param(time).c_str(), "2026-03-02 01:00:01.000042+00");
  EXPECT_STREQ(Param(absl::InfinitePast()).c_str(), "-infinity");
}

TEST(Param, EscapesArraysAndBytes) {
  EXPECT_STREQ(Param(std::vector<std::string>{"a", "b\"c\\d,e"}).c_str(), R"({"a","b\"c\\d,e"})");
  EXPECT_STREQ(Param::Bytes(absl::string_view("\0\xff", 2)).c_str(), "\\x00ff");
}

TEST(Param, NulloptIsNull) {
  EXPECT_EQ(Param(std::nullopt).c_str(), nullptr);
  EXPECT_EQ(Param(std::optional<absl::Time>()).c_str(), nullptr);
}

}  // namespace
}  // namespace xxt::pg
