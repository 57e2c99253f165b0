#include "services/intake/jurisdiction/verdict_rules.h"

#include <gtest/gtest.h>

#include <string>

namespace xxt::intake {
namespace {

// The field at fault, "" if there is none.
std::string FaultOf(const VerdictFacts& facts) {
  const std::optional<errors::Violation> fault = FindVerdictFault(facts);
  return fault.has_value() ? fault->field : "";
}

TEST(FindVerdictFault, WhatIsNotOursLeadsOn) {
  EXPECT_EQ(FaultOf({.not_ours = true}), "verdict.decision");
  EXPECT_EQ(FaultOf({.not_ours = true, .has_ground = true}), "verdict.decision");
  EXPECT_EQ(FaultOf({.not_ours = true, .has_decision = true}), "verdict.ground");
  EXPECT_EQ(FaultOf({.not_ours = true, .has_decision = true, .has_ground = true}), "");
}

TEST(FindVerdictFault, WhatIsOursNeedsNoDecision) {
  EXPECT_EQ(FaultOf({}), "");
  EXPECT_EQ(FaultOf({.has_ground = true}), "verdict.ground");
  EXPECT_EQ(FaultOf({.has_decision = true, .has_ground = true}), "verdict.decision");
}

}  // namespace
}  // namespace xxt::intake
