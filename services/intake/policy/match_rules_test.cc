#include "services/intake/policy/match_rules.h"

#include "gtest/gtest.h"

namespace xxt::intake::policy {
namespace {

using benefit::Verdict;

constexpr absl::CivilDay kToday(2026, 3, 2);

TEST(CountsConsent, FromItsFirstDayOnByTheWordOfWhoIsTheApplicantAndCanAct) {
  const ConsentFacts good{.given = true, .giver_is_applicant = true, .giver_can_act = true, .start = kToday};
  EXPECT_TRUE(Counts(good, kToday));
  EXPECT_FALSE(Counts(good, kToday - 1));
  ConsentFacts withdrawn = good;
  withdrawn.given = false;
  EXPECT_FALSE(Counts(withdrawn, kToday));
  ConsentFacts succeeded = good;
  succeeded.giver_is_applicant = false;
  EXPECT_FALSE(Counts(succeeded, kToday));
  ConsentFacts gone = good;
  gone.giver_can_act = false;
  EXPECT_FALSE(Counts(gone, kToday));
}

TEST(BestOfMatches, IsTheSurestAndTheFirstAmongEquals) {
  const Match unsure{Verdict::kNeedFact, true};
  const Match likely{Verdict::kLikely, true};
  const Match sure{Verdict::kEligible, true};
  EXPECT_EQ(BestOf({unsure, likely, sure}), 2);
  EXPECT_EQ(BestOf({unsure, likely}), 1);
  EXPECT_EQ(BestOf({sure, sure}), 0);
  EXPECT_EQ(BestOf({{Verdict::kNotEligible, true}, unsure}), 1);
}

TEST(BestOfMatches, IsNobodyOfWhomNothingSaysThatItFits) {
  EXPECT_EQ(BestOf({}), std::nullopt);
  EXPECT_EQ(BestOf({{Verdict::kNotEligible, true}}), std::nullopt);
  EXPECT_EQ(BestOf({{Verdict::kNeedFact, false}}), std::nullopt);
  EXPECT_EQ(BestOf({{Verdict::kEligible, false}}), 0) << "what a rule asks may be that something does not hold";
}

}  // namespace
}  // namespace xxt::intake::policy
