#include "services/intake/jurisdiction/consultation_rules.h"

#include <gtest/gtest.h>

#include <string>

namespace xxt::intake {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);

// The field at fault, "" if there is none.
std::string FaultOf(const ConsultationFacts& facts) {
  const std::optional<errors::Violation> fault = FindConsultationFault(facts, kNow);
  return fault.has_value() ? fault->field : "";
}

TEST(FindConsultationFault, NobodyConsultsAlone) {
  EXPECT_EQ(FaultOf({.people = 1, .occur_time = kNow}), "consultation.panel");
  EXPECT_EQ(FaultOf({.people = 2, .occur_time = kNow}), "");
}

TEST(FindConsultationFault, ADecisionIsOfWhatWasAgreed) {
  EXPECT_EQ(FaultOf({.people = 2, .agreed = true, .occur_time = kNow}), "consultation.decision");
  EXPECT_EQ(FaultOf({.people = 2, .has_decision = true, .occur_time = kNow}), "consultation.decision");
  EXPECT_EQ(FaultOf({.people = 2, .agreed = true, .has_decision = true, .occur_time = kNow}), "");
}

TEST(FindConsultationFault, WasHeldBeforeItIsWritten) {
  EXPECT_EQ(FaultOf({.people = 2, .occur_time = kNow + absl::Seconds(1)}), "consultation.occur_time");
}

}  // namespace
}  // namespace xxt::intake
