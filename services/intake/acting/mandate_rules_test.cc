#include "services/intake/acting/mandate_rules.h"

#include <gtest/gtest.h>

#include <string>

namespace xxt::intake {
namespace {

const absl::CivilDay kToday(2026, 3, 2);

MandateFacts Good() { return {.matter = "异地医疗备案", .from = kToday, .to = kToday}; }

// The field at fault, "" if there is none.
std::string FaultOf(const MandateFacts& facts) {
  const std::optional<errors::Violation> fault = FindMandateFault(facts, kToday);
  return fault.has_value() ? fault->field : "";
}

TEST(FindMandateFault, AnotherActsWithinATermThatIsNotOver) {
  EXPECT_EQ(FaultOf(Good()), "");
  MandateFacts facts = Good();
  facts.agent_is_principal = true;
  EXPECT_EQ(FaultOf(facts), "mandate.agent");
  facts = Good();
  facts.from = kToday + 1;
  EXPECT_EQ(FaultOf(facts), "mandate.valid_to");
  facts.from = kToday - 9;
  facts.to = kToday - 1;
  EXPECT_EQ(FaultOf(facts), "mandate.valid_to");
}

TEST(FindMandateFault, WhatMustBeDoneInPersonTakesNoAgent) {
  for (const char* matter : {"办理离婚登记", "病退劳动能力鉴定", "遗嘱公证"}) {
    MandateFacts facts = Good();
    facts.matter = matter;
    EXPECT_EQ(FaultOf(facts), "mandate.matter") << matter;
  }
  MandateFacts facts = Good();
  facts.in_person = true;
  EXPECT_EQ(FaultOf(facts), "mandate.matter");
}

TEST(MayBeSameMatter, WhereOneNameHoldsTheOther) {
  EXPECT_TRUE(MayBeSameMatter("异地医疗备案", "医疗备案"));
  EXPECT_TRUE(MayBeSameMatter("医疗备案", "异地医疗备案"));
  EXPECT_FALSE(MayBeSameMatter("异地医疗备案", "丧葬费申领"));
}

TEST(EndsWith, ADeathOfEitherOrAnAgentWhoCannotAct) {
  EXPECT_FALSE(EndsWith({}));
  EXPECT_TRUE(EndsWith({.principal_dead = true}));
  EXPECT_TRUE(EndsWith({.agent_dead = true}));
  EXPECT_TRUE(EndsWith({.agent_cannot_act = true}));
}

}  // namespace
}  // namespace xxt::intake
