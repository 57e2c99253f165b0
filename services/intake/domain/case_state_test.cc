#include "services/intake/domain/case_state.h"

#include <set>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace xxt::intake {
namespace {

using ::testing::ElementsAre;

constexpr CaseState kStates[] = {CaseState::kInProgress, CaseState::kOnHold, CaseState::kClosureProposed,
                                 CaseState::kClosed};
constexpr CaseAction kActions[] = {CaseAction::kHold,           CaseAction::kResume,         CaseAction::kClose,
                                   CaseAction::kProposeClosure, CaseAction::kApproveClosure, CaseAction::kReturnClosure,
                                   CaseAction::kReopen};

TEST(Transition, FollowsTheWholeTable) {
  EXPECT_EQ(*Transition(CaseState::kInProgress, CaseAction::kHold), CaseState::kOnHold);
  EXPECT_EQ(*Transition(CaseState::kOnHold, CaseAction::kResume), CaseState::kInProgress);
  EXPECT_EQ(*Transition(CaseState::kInProgress, CaseAction::kClose), CaseState::kClosed);
  EXPECT_EQ(*Transition(CaseState::kInProgress, CaseAction::kProposeClosure), CaseState::kClosureProposed);
  EXPECT_EQ(*Transition(CaseState::kClosureProposed, CaseAction::kApproveClosure), CaseState::kClosed);
  EXPECT_EQ(*Transition(CaseState::kClosureProposed, CaseAction::kReturnClosure), CaseState::kInProgress);
  EXPECT_EQ(*Transition(CaseState::kClosed, CaseAction::kReopen), CaseState::kInProgress);
}

TEST(Transition, RefusesEverythingElseAndNamesWhatIsAllowed) {
  int refused = 0;
  for (const CaseState state : kStates) {
    for (const CaseAction action : kActions) {
      const auto next = Transition(state, action);
      if (next.ok()) continue;
      ++refused;
      EXPECT_EQ(next.status().code(), absl::StatusCode::kFailedPrecondition);
    }
  }
  EXPECT_EQ(refused, 4 * 7 - 7);
  EXPECT_EQ(Transition(CaseState::kOnHold, CaseAction::kClose).status().message(),
            "case is ON_HOLD, which does not allow CLOSE; allowed: RESUME");
}

TEST(AllowedActions, LeaveNoStateWithoutAWayOn) {
  for (const CaseState state : kStates) EXPECT_FALSE(AllowedActions(state).empty()) << NameOf(state);
  EXPECT_THAT(AllowedActions(CaseState::kInProgress),
              ElementsAre(CaseAction::kHold, CaseAction::kClose, CaseAction::kProposeClosure));
}

TEST(Transition, ReachesEveryStateFromTheFirst) {
  std::set<CaseState> reached = {CaseState::kInProgress};
  for (int round = 0; round < 4; ++round) {
    for (const CaseState state : std::set<CaseState>(reached)) {
      for (const CaseAction action : AllowedActions(state)) reached.insert(*Transition(state, action));
    }
  }
  EXPECT_EQ(reached.size(), 4U);
}

}  // namespace
}  // namespace xxt::intake
