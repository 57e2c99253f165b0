#include "services/intake/people/mandate_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace xxt::intake {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const absl::CivilDay kToday(2026, 11, 27);

MandateFacts Fit() { return {.matter = "异地就医备案", .first = kToday, .last = kToday + 30}; }

std::vector<std::string> FaultsOf(const MandateFacts& facts) {
  std::vector<std::string> fields;
  for (const errors::Violation& fault : FindMandateFaults(facts, kToday)) fields.push_back(fault.field);
  return fields;
}

TEST(FindMandateFaults, LetsAMandateStandUntilItsLastDay) {
  EXPECT_THAT(FaultsOf(Fit()), IsEmpty());
  MandateFacts facts = Fit();
  facts.last = kToday;
  EXPECT_THAT(FaultsOf(facts), IsEmpty());
  facts.first = facts.last = kToday - 1;
  EXPECT_THAT(FaultsOf(facts), ElementsAre("mandate.end_date"));
}

TEST(FindMandateFaults, RefusesDaysThatEndBeforeTheyBegin) {
  MandateFacts facts = Fit();
  facts.first = facts.last + 1;
  EXPECT_THAT(FaultsOf(facts), ElementsAre("mandate.end_date"));
}

TEST(FindMandateFaults, RefusesWhoGivesItToThemselves) {
  MandateFacts facts = Fit();
  facts.agent_is_principal = true;
  EXPECT_THAT(FaultsOf(facts), ElementsAre("mandate.agent"));
}

TEST(FindMandateFaults, RefusesTheDead) {
  MandateFacts facts = Fit();
  facts.principal_deceased = facts.agent_deceased = true;
  EXPECT_THAT(FaultsOf(facts), ElementsAre("mandate.principal", "mandate.agent"));
}

TEST(FindMandateFaults, RefusesWhatALawHasPeopleDoThemselves) {
  MandateFacts facts = Fit();
  facts.matter = "办理离婚登记";
  EXPECT_THAT(FaultsOf(facts), ElementsAre("mandate.matter"));
}

}  // namespace
}  // namespace xxt::intake
