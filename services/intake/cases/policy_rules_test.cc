#include "services/intake/cases/policy_rules.h"

#include "gtest/gtest.h"

namespace xxt::intake {
namespace {

// Friday; the 6th of April is a holiday.
TEST(LastDayToAct, IsFurtherWhileABodyIsAsked) {
  const absl::CivilDay today(2026, 3, 6);
  EXPECT_EQ(LastDayToAct(/*waits=*/false, Policy(), today), absl::CivilDay(2026, 3, 27));
  EXPECT_EQ(LastDayToAct(/*waits=*/true, Policy(), today), absl::CivilDay(2026, 4, 20));
}

}  // namespace
}  // namespace xxt::intake
