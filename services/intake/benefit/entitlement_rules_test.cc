#include "services/intake/benefit/entitlement_rules.h"

#include <cstddef>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace xxt::intake::benefit {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr absl::CivilDay kDay(2026, 3, 1);

KnownFact Fact(int kind, bool holds, absl::CivilDay as_of = kDay, bool of_person = false) {
  return {"facts/" + std::to_string(kind) + (holds ? "+" : "-"), kind, holds, of_person, as_of};
}

Standing StandingOf(const FactTest& test, const std::vector<KnownFact>& facts) {
  return TestFacts(test, facts, kDay).standing;
}

Judged JudgeOne(const std::vector<FactTest>& tests, const std::vector<KnownFact>& facts) {
  return JudgeEntitlements({{"benefits/a", tests, {}}}, facts, kDay).front();
}

// The verdicts on what `rules` say, in their order.
std::vector<Verdict> VerdictsOf(const std::vector<EntitlementRule>& rules, const std::vector<KnownFact>& facts) {
  std::vector<Verdict> verdicts;
  for (const Judged& one : JudgeEntitlements(rules, facts, kDay)) verdicts.push_back(one.verdict);
  return verdicts;
}

TEST(TestFacts, GoesByTheNewestFactUpToTheDay) {
  const FactTest test{1, true, 0};
  EXPECT_EQ(StandingOf(test, {}), Standing::kUnknown);
  EXPECT_EQ(StandingOf(test, {Fact(2, true)}), Standing::kUnknown);
  EXPECT_EQ(StandingOf(test, {Fact(1, true, kDay - 9), Fact(1, false, kDay - 2)}), Standing::kNotMet);
  EXPECT_EQ(StandingOf(test, {Fact(1, true, kDay - 2), Fact(1, false, kDay - 9)}), Standing::kMet);
  EXPECT_EQ(StandingOf(test, {Fact(1, true, kDay + 1)}), Standing::kUnknown);
  EXPECT_EQ(StandingOf({1, false, 0}, {Fact(1, false)}), Standing::kMet);
}

TEST(TestFacts, OfOneDayThatContradictAreBothNamed) {
  const Tested tested = TestFacts({1, true, 0}, {Fact(1, true), Fact(1, false), Fact(1, true, kDay - 1)}, kDay);
  EXPECT_EQ(tested.standing, Standing::kContradicted);
  EXPECT_THAT(tested.facts, ElementsAre("facts/1+", "facts/1-"));
}

TEST(TestFacts, OfThePersonGoBeforeThoseOfTheHousehold) {
  const std::vector<KnownFact> facts = {Fact(1, true), Fact(1, false, kDay - 100, true)};
  EXPECT_EQ(StandingOf({1, true, 0}, facts), Standing::kNotMet);
  EXPECT_EQ(StandingOf({1, true, 0}, {facts[1], facts[0]}), Standing::kNotMet);
}

TEST(TestFacts, CountForAsLongAsTheTestSays) {
  EXPECT_EQ(StandingOf({1, true, 30}, {Fact(1, true, kDay - 30)}), Standing::kMet);
  EXPECT_EQ(StandingOf({1, true, 30}, {Fact(1, true, kDay - 31)}), Standing::kMetLongAgo);
  EXPECT_EQ(StandingOf({1, true, 30}, {Fact(1, false, kDay - 31)}), Standing::kNotMetLongAgo);
}

TEST(JudgeEntitlements, NeedsAllTestsAndOneThatFailsSettlesIt) {
  const std::vector<FactTest> both = {{1, true, 0}, {2, true, 30}};
  EXPECT_EQ(JudgeOne(both, {Fact(1, true), Fact(2, true)}).verdict, Verdict::kEligible);
  EXPECT_EQ(JudgeOne(both, {Fact(1, false)}).verdict, Verdict::kNotEligible);
  EXPECT_EQ(JudgeOne(both, {Fact(1, true)}).verdict, Verdict::kNeedFact);
  EXPECT_EQ(JudgeOne(both, {Fact(1, true), Fact(1, false), Fact(2, true)}).verdict, Verdict::kNeedFact);
}

TEST(JudgeEntitlements, OldFactsMakeItLikelyAndRefuseNobody) {
  const std::vector<FactTest> both = {{1, true, 0}, {2, true, 30}};
  EXPECT_EQ(JudgeOne(both, {Fact(1, true), Fact(2, true, kDay - 31)}).verdict, Verdict::kLikely);
  EXPECT_EQ(JudgeOne(both, {Fact(1, true), Fact(2, false, kDay - 31)}).verdict, Verdict::kNeedFact);
}

TEST(JudgeEntitlements, WhatIsHadTakesWhatItExcludesAway) {
  const std::vector<EntitlementRule> rules = {{"benefits/a", {{1, true, 30}}, {"benefits/b", "benefits/elsewhere"}},
                                              {"benefits/b", {{2, true, 0}}, {}}};
  const auto verdict = [&rules](const std::vector<KnownFact>& facts) { return VerdictsOf(rules, facts)[1]; };
  EXPECT_EQ(verdict({Fact(1, true), Fact(2, true)}), Verdict::kNotEligible);
  EXPECT_EQ(verdict({Fact(1, false), Fact(2, true)}), Verdict::kEligible);
  EXPECT_EQ(verdict({Fact(1, true, kDay - 31), Fact(2, true)}), Verdict::kLikely);
  EXPECT_EQ(verdict({Fact(2, true)}), Verdict::kLikely);
  EXPECT_EQ(verdict({}), Verdict::kNeedFact);
  EXPECT_EQ(verdict({Fact(1, true)}), Verdict::kNotEligible);
  const std::vector<Judged> judged = JudgeEntitlements(rules, {Fact(1, true), Fact(2, true)}, kDay);
  EXPECT_EQ(judged[1].excluded_by, "benefits/a");
  EXPECT_EQ(judged[0].excluded_by, "");
}

// What an answer could do, tried out.
TEST(RankQuestions, BeginWithWhatMaySettleTheMost) {
  const std::vector<EntitlementRule> rules = {{"benefits/a", {{1, true, 0}, {2, true, 0}}, {}},
                                              {"benefits/b", {{2, true, 0}}, {}},
                                              {"benefits/c", {{3, true, 0}, {4, true, 0}}, {}}};
  const std::vector<KnownFact> facts = {Fact(4, true)};
  const std::vector<NextQuestion> questions = RankQuestions(rules, JudgeEntitlements(rules, facts, kDay));
  std::vector<int> kinds;
  std::size_t before = rules.size();
  for (const NextQuestion& question : questions) {
    kinds.push_back(question.kind);
    std::size_t settled = 0;
    for (std::size_t i = 0; i < rules.size(); ++i) {
      for (const bool answer : {true, false}) {
        const Verdict verdict = VerdictsOf(rules, {facts[0], Fact(question.kind, answer)})[i];
        if (verdict == Verdict::kNeedFact) continue;
        ++settled;
        break;
      }
    }
    EXPECT_EQ(question.benefits.size(), settled) << question.kind;
    EXPECT_LE(settled, before);
    before = settled;
  }
  // Two may settle one each: the third kind does it whatever the answer is.
  EXPECT_THAT(kinds, ElementsAre(2, 3, 1));
}

TEST(RankQuestions, AreOfWhatIsOldOrContradictsAndOfNothingThatIsSettled) {
  const std::vector<EntitlementRule> rules = {{"benefits/a", {{1, true, 30}}, {}},
                                              {"benefits/b", {{2, true, 0}, {5, true, 0}}, {}},
                                              {"benefits/c", {{3, true, 0}}, {}}};
  const std::vector<KnownFact> facts = {Fact(1, true, kDay - 40), Fact(2, false), Fact(3, true), Fact(3, false)};
  const std::vector<NextQuestion> questions = RankQuestions(rules, JudgeEntitlements(rules, facts, kDay));
  ASSERT_EQ(questions.size(), 2U);
  EXPECT_EQ(questions[0].kind, 1);
  EXPECT_THAT(questions[1].benefits, ElementsAre("benefits/c"));
  EXPECT_THAT(RankQuestions({}, {}), IsEmpty());
}

}  // namespace
}  // namespace xxt::intake::benefit
