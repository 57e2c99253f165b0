#include "common/paging/page_token.h"

#include <gtest/gtest.h>

#include "common/status/errors.h"

namespace xxt::paging {
namespace {

const std::vector<Part> kTimeAndId = {Part::kTime, Part::kUuid};
constexpr char kId[] = "0197a000-0000-7000-8000-000000000001";

TEST(PageToken, GivesBackTheKeyItWasMadeFrom) {
  const absl::Time time = absl::FromUnixMicros(1'774'000'000'000'042);
  const auto read = ReadToken("ListCases", MakeToken("ListCases", {PartOf(time), kId}), kTimeAndId);
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(TimeOf((*read)[0]), time);
  EXPECT_EQ((*read)[1], kId);
}

TEST(PageToken, GivesBackTheEndsOfTimeANumberAndAText) {
  const std::vector<Part> parts = {Part::kTime, Part::kTime, Part::kNumber, Part::kText};
  const auto read = ReadToken(
      "s", MakeToken("s", {PartOf(absl::InfiniteFuture()), PartOf(absl::InfinitePast()), PartOf(-7), "档案馆"}), parts);
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(TimeOf((*read)[0]), absl::InfiniteFuture());
  EXPECT_EQ(TimeOf((*read)[1]), absl::InfinitePast());
  EXPECT_EQ(NumberOf((*read)[2]), -7);
  EXPECT_EQ((*read)[3], "档案馆");
}

TEST(PageToken, IsRefusedForAnotherRequest) {
  const auto read = ReadToken("ListCases hall=2", MakeToken("ListCases hall=1", {"k"}), {Part::kText});
  EXPECT_EQ(errors::ReasonOf(read.status()), "PAGE_TOKEN_INVALID");
}

TEST(PageToken, IsRefusedWhenDamaged) {
  std::string token = MakeToken("s", {"abc"});
  token[token.size() - 2] = token[token.size() - 2] == 'A' ? 'B' : 'A';
  for (const std::string& bad : {token, std::string("%%%"), std::string("QQ")}) {
    EXPECT_FALSE(ReadToken("s", bad, {Part::kText}).ok());
  }
}

TEST(PageToken, IsRefusedWhenForgedFromPartsThatNoStoreCanBeAskedWith) {
  const std::string now = PartOf(absl::FromUnixSeconds(1'774'000'000));
  for (const Key& key : std::vector<Key>{{now},
                                         {now, kId, kId},
                                         {kId, now},
                                         {"2026-03-02T09:00:00Z", kId},
                                         {"infinity", kId},
                                         {"9223372036854775806", kId},
                                         {"-9223372036854775807", kId},
                                         {"99999999999999999999", kId},
                                         {"", kId},
                                         {now, "0197A000-0000-7000-8000-000000000001"},
                                         {now, "0197a000"}}) {
    EXPECT_EQ(errors::ReasonOf(ReadToken("s", MakeToken("s", key), kTimeAndId).status()), "PAGE_TOKEN_INVALID")
        << key[0];
  }
  for (const std::string& text : {std::string("\xff"), std::string("a\0b", 3)}) {
    EXPECT_FALSE(ReadToken("s", MakeToken("s", {text}), {Part::kText}).ok());
  }
  EXPECT_FALSE(ReadToken("s", MakeToken("s", {"1.5"}), {Part::kNumber}).ok());
}

TEST(PageSize, DefaultsAndIsCapped) {
  EXPECT_EQ(PageSize(0), 50);
  EXPECT_EQ(PageSize(7), 7);
  EXPECT_EQ(PageSize(100000), 500);
}

}  // namespace
}  // namespace xxt::paging
