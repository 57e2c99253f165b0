#include "common/json/number.h"

#include <limits>

#include "gtest/gtest.h"

namespace xxt::json {
namespace {

using Json = nlohmann::json;

TEST(Whole, IsANumberThatFits) {
  EXPECT_EQ(Whole<int>(Json(-7)), -7);
  EXPECT_EQ(Whole<int>(Json(7U)), 7);
  EXPECT_EQ(Whole<std::int64_t>(Json(std::numeric_limits<std::int64_t>::min())),
            std::numeric_limits<std::int64_t>::min());
}

TEST(Whole, IsNothingElse) {
  for (const char* text : {"2147483648", "4294967297", "-2147483649", "18446744073709551615", "1e300", "1.0", "\"1\"",
                           "null", "[1]", "true"}) {
    EXPECT_ANY_THROW(Whole<int>(Json::parse(text))) << text;
  }
  EXPECT_ANY_THROW(Whole<std::int64_t>(Json(std::uint64_t{1} << 63U)));
}

TEST(Whole, MayBeAbsentFromAnObjectOnly) {
  EXPECT_EQ(Whole(Json::parse(R"({"a":5})"), "a", 3), 5);
  EXPECT_EQ(Whole(Json::parse("{}"), "a", 3), 3);
  EXPECT_ANY_THROW(Whole(Json::parse(R"({"a":null})"), "a", 3));
  EXPECT_ANY_THROW(Whole(Json::parse("[]"), "a", 3));
}

}  // namespace
}  // namespace xxt::json
