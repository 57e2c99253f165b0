#include "services/intake/closing/merge_rules.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace xxt::intake {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

// The field at fault; empty if they can be one.
std::string FaultOf(const MergeFacts& facts) {
  const auto fault = FindMergeFault(facts);
  return fault.has_value() ? fault->field : "";
}

TEST(FindMergeFault, WantsAnotherCaseOfTheHallAndOfTheSameApplicant) {
  const MergeFacts right{.same_hall = true, .number_of_merged = "a", .number_of_kept = "a"};
  EXPECT_EQ(FaultOf(right), "");
  MergeFacts wrong = right;
  wrong.same_case = true;
  EXPECT_EQ(FaultOf(wrong), "into");
  wrong = right;
  wrong.same_hall = false;
  EXPECT_THAT(FindMergeFault(wrong)->zh, HasSubstr("已移交"));
  wrong = right;
  wrong.number_of_kept = "b";
  wrong.says_why_same_person = true;
  EXPECT_EQ(FaultOf(wrong), "into") << "other numbers are other people whatever is said";
}

TEST(FindMergeFault, WantsAGroundWhereANumberIsNotKnown) {
  for (const char* number : {"", "a"}) {
    MergeFacts facts{.same_hall = true, .number_of_merged = number};
    EXPECT_EQ(FaultOf(facts), "same_person");
    facts.says_why_same_person = true;
    EXPECT_EQ(FaultOf(facts), "");
  }
}

TEST(ToSettleFirst, HasWordsOfItsOwnForWhatRunsInACase) {
  const std::string other = ToSettleFirst("later.kind", "cases/1").zh;
  for (const char* kind : {"promise.due", "promise.broken", "term.due", "plan.late", "escalation.silent", "dispute.due",
                           "case.handover_offered", "follow_up.unhappy", "mandate.expired",
                           "life_event.successor_sought", "intake.dead_task"}) {
    EXPECT_NE(ToSettleFirst(kind, "cases/1").zh, other) << kind;
    EXPECT_THAT(KindsThatMayStand(), Not(Contains(kind)));
  }
  EXPECT_EQ(ToSettleFirst("promise.due", "cases/1/promises/2").field, "cases/1/promises/2");
}

}  // namespace
}  // namespace xxt::intake
