#include "services/intake/closing/closure_rules.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace xxt::intake {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

const absl::Time kOpened = absl::FromUnixSeconds(1'770'000'000);
const absl::Time kTold = kOpened + absl::Hours(48);
const absl::Time kNow = kOpened + absl::Hours(50);
constexpr char kOwner[] = "staff/li";
constexpr char kLeader[] = "staff/zhang";

CaseFacts Facts() {
  CaseFacts facts;
  facts.owner = kOwner;
  facts.opened_time = kOpened;
  facts.outcome_confirmed = true;
  facts.holds_route_sheet = true;
  facts.contacts = {{"contacts/told", kTold, true, true},
                    {"contacts/not-reached", kTold, true, false},
                    {"contacts/body", kTold, false, true},
                    {"contacts/before", kOpened - absl::Hours(1), true, true},
                    {"contacts/future", kNow + absl::Seconds(1), true, true}};
  return facts;
}

CaseFacts Proposed() {
  CaseFacts facts = Facts();
  facts.state = CaseState::kClosureProposed;
  return facts;
}

Closure Of(Resolution resolution) {
  Closure closure;
  closure.resolution = resolution;
  closure.explanation = "已向您说明";
  closure.told_in = "contacts/told";
  closure.basis = "某办法第十条";
  closure.alternatives = {{"请原单位出具", "单位已注销"}};
  closure.next_route = "可向区级窗口申请会商";
  closure.accepted_by = "西城区档案馆";
  return closure;
}

std::vector<ClosureProblem> Problems(const std::vector<ClosureViolation>& violations) {
  std::vector<ClosureProblem> problems;
  problems.reserve(violations.size());
  for (const ClosureViolation& violation : violations) problems.push_back(violation.problem);
  return problems;
}

std::vector<ClosureProblem> ProblemsOf(const CaseFacts& facts, const Closure& closure) {
  return Problems(FindClosureProblems(facts, closure, kNow));
}

constexpr Resolution kResolutions[] = {Resolution::kResolved, Resolution::kGuided, Resolution::kHandedOver,
                                       Resolution::kWithdrawn, Resolution::kNotPossible};

TEST(ProposeClosure, NothingStandsAgainstOneThatIsComplete) {
  for (const Resolution resolution : kResolutions) EXPECT_THAT(ProblemsOf(Facts(), Of(resolution)), IsEmpty());
}

TEST(ProposeClosure, NothingClosesWithoutAToldContact) {
  for (const Resolution resolution : kResolutions) {
    const ClosureProblem problem =
        resolution == Resolution::kWithdrawn ? ClosureProblem::kPersonsWordMissing : ClosureProblem::kNotTold;
    for (const char* contact :
         {"", "contacts/unknown", "contacts/not-reached", "contacts/body", "contacts/before", "contacts/future"}) {
      Closure closure = Of(resolution);
      closure.told_in = contact;
      EXPECT_THAT(ProblemsOf(Facts(), closure), ElementsAre(problem)) << contact;
    }
  }
}

TEST(ProposeClosure, ResolvedNeedsTheConfirmedOutcome) {
  CaseFacts facts = Facts();
  facts.outcome_confirmed = false;
  EXPECT_THAT(ProblemsOf(facts, Of(Resolution::kResolved)), ElementsAre(ClosureProblem::kOutcomeUnconfirmed));
  EXPECT_THAT(ProblemsOf(facts, Of(Resolution::kGuided)), IsEmpty());
}

TEST(ProposeClosure, GuidedNeedsTheRouteInHand) {
  CaseFacts facts = Facts();
  facts.holds_route_sheet = false;
  EXPECT_THAT(ProblemsOf(facts, Of(Resolution::kGuided)), ElementsAre(ClosureProblem::kRouteMissing));
}

TEST(ProposeClosure, HandedOverNeedsWhoAccepted) {
  Closure closure = Of(Resolution::kHandedOver);
  closure.accepted_by = " ";
  EXPECT_THAT(ProblemsOf(Facts(), closure), ElementsAre(ClosureProblem::kAcceptanceMissing));
}

TEST(ProposeClosure, ANoTellsEverythingThatIsMissingAtOnce) {
  Closure closure;
  closure.resolution = Resolution::kNotPossible;
  EXPECT_THAT(ProblemsOf(Facts(), closure),
              ElementsAre(ClosureProblem::kExplanationMissing, ClosureProblem::kNotTold, ClosureProblem::kBasisMissing,
                          ClosureProblem::kNextRouteMissing, ClosureProblem::kAlternativesMissing));
}

TEST(ProposeClosure, EachAlternativeNeedsItsOutcome) {
  Closure closure = Of(Resolution::kNotPossible);
  closure.alternatives.push_back({"向法院起诉", ""});
  const auto violations = FindClosureProblems(Facts(), closure, kNow);
  ASSERT_THAT(Problems(violations), ElementsAre(ClosureProblem::kAlternativeOutcomeMissing));
  EXPECT_EQ(violations[0].field, "closure.alternatives[1].outcome");
}

TEST(ProposeClosure, AnOpenReferralBlocksEveryResolution) {
  CaseFacts facts = Facts();
  facts.referrals = {{"referrals/1", false, false, ""}, {"referrals/2", true, false, ""}};
  for (const Resolution resolution : {Resolution::kResolved, Resolution::kWithdrawn, Resolution::kNotPossible}) {
    const auto violations = FindClosureProblems(facts, Of(resolution), kNow);
    ASSERT_THAT(Problems(violations), ElementsAre(ClosureProblem::kReferralOpen));
    EXPECT_EQ(violations[0].field, "referrals/2");
  }
}

TEST(ProposeClosure, AReferralInVainNeedsWhatFollowedOnIt) {
  CaseFacts facts = Facts();
  facts.referrals = {{"referrals/1", false, true, ""}};
  EXPECT_THAT(ProblemsOf(facts, Of(Resolution::kResolved)), ElementsAre(ClosureProblem::kSuccessorMissing));
  EXPECT_THAT(ProblemsOf(facts, Of(Resolution::kWithdrawn)), IsEmpty());
  EXPECT_THAT(ProblemsOf(facts, Of(Resolution::kNotPossible)), IsEmpty());
  facts.referrals[0].successor = "referrals/2";
  EXPECT_THAT(ProblemsOf(facts, Of(Resolution::kResolved)), IsEmpty());
}

TEST(ProposeClosure, OnlyACaseInProgressCloses) {
  for (const CaseState state : {CaseState::kClosureProposed, CaseState::kClosed}) {
    CaseFacts facts = Facts();
    facts.state = state;
    EXPECT_THAT(ProblemsOf(facts, Of(Resolution::kResolved)), ElementsAre(ClosureProblem::kStateForbids));
  }
}

TEST(ReviewClosure, NothingStandsAgainstApprovalByAThirdPerson) {
  for (const Resolution resolution : kResolutions) {
    const ProposedClosure proposed{Of(resolution), "staff/wang"};
    EXPECT_THAT(FindReviewProblems(Proposed(), proposed, Review{true, ""}, kLeader, kNow), IsEmpty());
  }
}

TEST(ReviewClosure, IsNeverForTheProposer) {
  for (const Resolution resolution : kResolutions) {
    const ProposedClosure proposed{Of(resolution), "staff/wang"};
    EXPECT_THAT(Problems(FindReviewProblems(Proposed(), proposed, Review{true, ""}, "staff/wang", kNow)),
                ElementsAre(ClosureProblem::kSecondReviewerNeeded));
  }
}

TEST(ReviewClosure, IsForTheOwnerWhereSomebodyElseProposedAnythingButANo) {
  for (const Resolution resolution : kResolutions) {
    const ProposedClosure proposed{Of(resolution), "staff/wang"};
    const auto problems = FindReviewProblems(Proposed(), proposed, Review{true, ""}, kOwner, kNow);
    EXPECT_EQ(problems.empty(), resolution != Resolution::kNotPossible);
  }
}

TEST(ReviewClosure, OfANoIsForNeitherProposerNorOwnerBothWays) {
  const ProposedClosure proposed{Of(Resolution::kNotPossible), "staff/wang"};
  for (const char* reviewer : {"staff/wang", kOwner}) {
    for (const bool approve : {true, false}) {
      EXPECT_THAT(Problems(FindReviewProblems(Proposed(), proposed, Review{approve, "再试"}, reviewer, kNow)),
                  ElementsAre(ClosureProblem::kSecondReviewerNeeded));
    }
  }
}

TEST(ReviewClosure, ReturnsOnlyWithWhatToTry) {
  const ProposedClosure proposed{Of(Resolution::kNotPossible), kOwner};
  EXPECT_THAT(FindReviewProblems(Proposed(), proposed, Review{false, "问问原主管局"}, kLeader, kNow), IsEmpty());
  EXPECT_THAT(Problems(FindReviewProblems(Proposed(), proposed, Review{false, ""}, kLeader, kNow)),
              ElementsAre(ClosureProblem::kCommentMissing));
}

TEST(ReviewClosure, LooksAtTheFactsAgainBeforeApproving) {
  CaseFacts facts = Proposed();
  facts.referrals = {{"referrals/new", true, false, ""}};
  const ProposedClosure proposed{Of(Resolution::kNotPossible), kOwner};
  EXPECT_THAT(Problems(FindReviewProblems(facts, proposed, Review{true, ""}, kLeader, kNow)),
              ElementsAre(ClosureProblem::kReferralOpen));
  EXPECT_THAT(FindReviewProblems(facts, proposed, Review{false, "等新协查的结果"}, kLeader, kNow), IsEmpty());
}

TEST(ReviewClosure, NeedsAProposal) {
  const ProposedClosure proposed{Of(Resolution::kNotPossible), kOwner};
  EXPECT_THAT(Problems(FindReviewProblems(Facts(), proposed, Review{true, ""}, kLeader, kNow)),
              ElementsAre(ClosureProblem::kStateForbids));
}

TEST(ClosureViolations, SpeakBothLanguagesAndNameNoPerson) {
  Closure closure;
  closure.resolution = Resolution::kNotPossible;
  closure.alternatives = {{"沈女士的亡夫", ""}};
  for (const ClosureViolation& violation : FindClosureProblems(Proposed(), closure, kNow)) {
    EXPECT_FALSE(violation.text_zh.empty());
    EXPECT_FALSE(violation.text_en.empty());
    EXPECT_FALSE(violation.field.empty());
    EXPECT_THAT(violation.text_zh, Not(HasSubstr("沈")));
  }
}

}  // namespace
}  // namespace xxt::intake
