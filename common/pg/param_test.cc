#include "common/pg/param.h"

#include <gtest/gtest.h>

#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "common/pg/wire.h"

namespace xxt::pg {
namespace {

constexpr unsigned kBytea = 17;
constexpr unsigned kInt2 = 21;
constexpr unsigned kText = 25;
constexpr unsigned kNumeric = 1700;
constexpr unsigned kUuid = 2950;
constexpr unsigned kByteaArray = 1001;
constexpr unsigned kUuidArray = 2951;

constexpr char kId[] = "0197a000-0000-7000-8000-00000000000f";

// The binary form in hexadecimal digits; nullopt if there is none.
std::optional<std::string> Binary(const Param& param, unsigned type) {
  std::string out = "before";
  if (!param.AppendBinary(type, &out)) {
    EXPECT_EQ(out, "before");
    return std::nullopt;
  }
  return absl::BytesToHexString(out.substr(6));
}

TEST(Param, WritesTimesInUtcWithMicroseconds) {
  const absl::Time time =
      absl::FromCivil(absl::CivilSecond(2026, 3, 2, 9, 0, 1), absl::FixedTimeZone(8 * 3600)) + absl::Microseconds(42);
  EXPECT_EQ(Param(time).AsText(), "2026-03-02 01:00:01.000042+00");
  EXPECT_EQ(Param(absl::InfinitePast()).AsText(), "-infinity");
}

TEST(Param, EscapesArraysAndBytes) {
  EXPECT_EQ(Param(std::vector<std::string>{"a", "b\"c\\d,e"}).AsText(), R"({"a","b\"c\\d,e"})");
  EXPECT_EQ(Param::Bytes(absl::string_view("\0\xff", 2)).AsText(), "\\x00ff");
}

TEST(Param, NulloptIsNull) {
  EXPECT_TRUE(Param(std::nullopt).is_null());
  EXPECT_EQ(Param(std::nullopt).AsText(), std::nullopt);
  EXPECT_EQ(Param(std::optional<absl::Time>()).AsText(), std::nullopt);
  EXPECT_EQ(Binary(Param(std::nullopt), kText), std::nullopt);
}

TEST(Param, HasABinaryFormForTheTypeThatItIsTakenFor) {
  EXPECT_EQ(Binary(Param(kId), kUuid), "0197a00000007000800000000000000f");
  EXPECT_EQ(Binary(Param(-2), kInt2), "fffe");
  EXPECT_EQ(Binary(Param::Bytes("ab"), kBytea), "6162");
}

TEST(Param, LeavesToPostgresqlWhatItHasToJudge) {
  EXPECT_EQ(Binary(Param("0197a000"), kUuid), std::nullopt);
  EXPECT_EQ(Binary(Param("{0197a000-0000-7000-8000-00000000000f"), kUuid), std::nullopt);
  EXPECT_EQ(Binary(Param("0197A000-0000-7000-8000-00000000000F"), kUuid), std::nullopt);
  EXPECT_EQ(Binary(Param(40'000), kInt2), std::nullopt);
  EXPECT_EQ(Binary(Param(1), kNumeric), std::nullopt);
  EXPECT_EQ(Binary(Param::Bytes("ab"), kText), std::nullopt);
}

TEST(Param, AnArrayIsBinaryIfAllOfItIs) {
  const Param id(kId);
  const Param bytes = Param::Bytes("a");
  const Param null(std::nullopt);
  EXPECT_EQ(Binary(Param::Array({&bytes, &null}), kByteaArray),
            "0000000100000001000000110000000200000001"
            "0000000161ffffffff");
  EXPECT_EQ(Binary(Param::Array({}), kUuidArray), "000000000000000000000b86");
  const Param other("not an id");
  EXPECT_EQ(Binary(Param::Array({&id, &other}), kUuidArray), std::nullopt);
}

TEST(Wire, SendsInBinaryWhatItKnowsTheTypeOf) {
  const std::vector<Param> params = {kId, std::nullopt, Param::Bytes(""), 7};
  const Wire unknown(params, {});
  EXPECT_EQ(std::vector<int>(unknown.formats(), unknown.formats() + 4), (std::vector<int>{0, 0, 0, 0}));
  EXPECT_STREQ(unknown.values()[0], kId);
  EXPECT_EQ(unknown.values()[1], nullptr);
  EXPECT_STREQ(unknown.values()[3], "7");

  const Wire known(params, {kUuid, kText, kBytea, kNumeric});
  EXPECT_EQ(std::vector<int>(known.formats(), known.formats() + 4), (std::vector<int>{1, 0, 1, 0}));
  EXPECT_EQ(known.lengths()[0], 16);
  EXPECT_EQ(known.values()[1], nullptr);
  EXPECT_NE(known.values()[2], nullptr);
  EXPECT_EQ(known.lengths()[2], 0);
  EXPECT_STREQ(known.values()[3], "7");
}

}  // namespace
}  // namespace xxt::pg
