#include "services/intake/paper/ladder_rules.h"

#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace xxt::intake {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(OpenGrounds, AreAllUntilOneIsExcluded) {
  EXPECT_THAT(OpenGrounds({}), ElementsAre(1, 2, 3, 4, 5, 6, 7));
  EXPECT_THAT(OpenGrounds({{4, false}, {1, false}}), ElementsAre(2, 3, 5, 6, 7));
}

TEST(OpenGrounds, GoByTheNewestVerdict) {
  EXPECT_THAT(OpenGrounds({{4, false}, {4, true}}), ElementsAre(1, 2, 3, 4, 5, 6, 7));
  EXPECT_THAT(OpenGrounds({{4, true}, {4, false}}), ElementsAre(1, 2, 3, 5, 6, 7));
}

TEST(OpenGrounds, AreNoneAtTheTopOfTheLadder) {
  std::vector<Weighed> verdicts;
  for (int ground = kGrounds; ground >= 1; --ground) verdicts.push_back({ground, false});
  EXPECT_THAT(OpenGrounds(verdicts), IsEmpty());
}

}  // namespace
}  // namespace xxt::intake
