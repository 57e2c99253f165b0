#include "common/edge/callers.h"

#include <gtest/gtest.h>

#include <string>

namespace xxt::edge {
namespace {

TEST(MayBring, PeoplesTokensComeByTheEdgeOrTheToolbox) {
  for (const char* role : {"counter", "officer", "leader", "district", "operator", "portal"}) {
    EXPECT_TRUE(MayBring("edge", role, "staff/wang")) << role;
    EXPECT_TRUE(MayBring("toolbox", role, "staff/wang")) << role;
    for (const char* peer : {"", "probe", "services/intake", "staff/wang", "{subject}"}) {
      EXPECT_FALSE(MayBring(peer, role, "staff/wang")) << role << " by " << peer;
    }
  }
}

TEST(MayBring, AServicesTokenComesFromThatServiceAlone) {
  EXPECT_TRUE(MayBring("services/referral", "service", "services/referral"));
  for (const char* peer : {"", "probe", "edge", "toolbox", "services/intake", "{subject}"}) {
    EXPECT_FALSE(MayBring(peer, "service", "services/referral")) << peer;
  }
  EXPECT_FALSE(MayBring("", "service", ""));
}

// An identity provider may say more than this system knows of.
TEST(MayBring, ARoleThatIsNoneOpensNothingAndComesFromAnywhere) {
  EXPECT_TRUE(MayBring("services/intake", "accountant", "staff/wang"));
  EXPECT_FALSE(MayBring("edge", "unspecified", "staff/wang"));
}

}  // namespace
}  // namespace xxt::edge
