#include "common/paging/page_token.h"

#include <gtest/gtest.h>

#include "common/status/errors.h"

namespace xxt::paging {
namespace {

TEST(PageToken, GivesBackTheKeyItWasMadeFrom) {
  const std::vector<std::string> key = {"2026-03-02 09:00:00+00", "id-1"};
  const auto read = ReadToken("ListCases hall=1", MakeToken("ListCases hall=1", key));
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(*read, key);
}

TEST(PageToken, IsRefusedForAnotherRequest) {
  const auto read = ReadToken("ListCases hall=2", MakeToken("ListCases hall=1", {"k"}));
  EXPECT_EQ(errors::ReasonOf(read.status()), "PAGE_TOKEN_INVALID");
}

TEST(PageToken, IsRefusedWhenDamaged) {
  std::string token = MakeToken("s", {"abc"});
  token[token.size() - 2] = token[token.size() - 2] == 'A' ? 'B' : 'A';
  EXPECT_FALSE(ReadToken("s", token).ok());
  EXPECT_FALSE(ReadToken("s", "%%%").ok());
  EXPECT_FALSE(ReadToken("s", "QQ").ok());
}

TEST(PageSize, DefaultsAndIsCapped) {
  EXPECT_EQ(PageSize(0), 50);
  EXPECT_EQ(PageSize(7), 7);
  EXPECT_EQ(PageSize(100000), 500);
}

}  // namespace
}  // namespace xxt::paging
