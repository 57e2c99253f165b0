#include "common/idempotency/seal.h"

#include <gtest/gtest.h>

namespace xxt::idempotency {
namespace {

TEST(Seal, IsOpenedByItsSecretOnly) {
  for (const std::string& plain : {std::string("沈女士"), std::string(), std::string(100'000, 'x')}) {
    const std::string sealed = Seal("the request", plain);
    EXPECT_EQ(Open("the request", sealed), plain);
    EXPECT_EQ(Open("another request", sealed), std::nullopt);
    EXPECT_NE(Seal("the request", plain), sealed);
  }
}

TEST(Seal, ShowsNothingOfWhatItHolds) { EXPECT_EQ(Seal("r", "+8613800138000").find("138"), std::string::npos); }

TEST(Open, RefusesWhatIsDamaged) {
  std::string sealed = Seal("r", "answer");
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    std::string damaged = sealed;
    damaged[i] = static_cast<char>(damaged[i] ^ 1);
    EXPECT_EQ(Open("r", damaged), std::nullopt);
    EXPECT_EQ(Open("r", sealed.substr(0, i)), std::nullopt);
  }
}

}  // namespace
}  // namespace xxt::idempotency
