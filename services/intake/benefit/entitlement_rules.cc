#include "services/intake/benefit/entitlement_rules.h"

#include <algorithm>
#include <cstddef>
#include <initializer_list>
#include <map>
#include <tuple>
#include <utility>

namespace xxt::intake::benefit {
namespace {

bool IsOpen(const Tested& test) { return test.standing != Standing::kMet && test.standing != Standing::kNotMet; }

bool Has(const std::vector<Tested>& tests, std::initializer_list<Standing> any) {
  return std::any_of(tests.begin(), tests.end(), [any](const Tested& test) {
    return std::find(any.begin(), any.end(), test.standing) != any.end();
  });
}

Verdict VerdictOn(const std::vector<Tested>& tests) {
  if (Has(tests, {Standing::kNotMet})) return Verdict::kNotEligible;
  if (Has(tests, {Standing::kUnknown, Standing::kContradicted, Standing::kNotMetLongAgo})) return Verdict::kNeedFact;
  return Has(tests, {Standing::kMetLongAgo}) ? Verdict::kLikely : Verdict::kEligible;
}

// Those of the kind that decide: the newest up to `day`, of the person if there are any.
std::vector<const KnownFact*> Deciding(int kind, const std::vector<KnownFact>& facts, absl::CivilDay day) {
  std::vector<const KnownFact*> found;
  for (const KnownFact& fact : facts) {
    if (fact.kind != kind || fact.as_of > day) continue;
    if (!found.empty()) {
      const auto rank = [](const KnownFact& one) { return std::make_tuple(one.of_person, one.as_of); };
      if (rank(fact) < rank(*found.front())) continue;
      if (rank(fact) > rank(*found.front())) found.clear();
    }
    found.push_back(&fact);
  }
  return found;
}

// What `excluder`, judged by its own tests, makes of a verdict on what it excludes.
Verdict Excluded(Verdict own, Verdict excluder) {
  if (own == Verdict::kNotEligible || excluder == Verdict::kNotEligible) return own;
  if (excluder == Verdict::kEligible) return Verdict::kNotEligible;
  return own == Verdict::kEligible ? Verdict::kLikely : own;
}

}  // namespace

Tested TestFacts(const FactTest& test, const std::vector<KnownFact>& facts, absl::CivilDay day) {
  const std::vector<const KnownFact*> deciding = Deciding(test.kind, facts, day);
  if (deciding.empty()) return {};
  Tested tested;
  for (const KnownFact* fact : deciding) tested.facts.push_back(fact->name);
  const KnownFact& first = *deciding.front();
  if (std::any_of(deciding.begin(), deciding.end(),
                  [&first](const KnownFact* fact) { return fact->holds != first.holds; })) {
    tested.standing = Standing::kContradicted;
    return tested;
  }
  const bool met = first.holds == test.holds;
  const bool old = test.fresh_days > 0 && day - first.as_of > test.fresh_days;
  if (old) {
    tested.standing = met ? Standing::kMetLongAgo : Standing::kNotMetLongAgo;
  } else {
    tested.standing = met ? Standing::kMet : Standing::kNotMet;
  }
  return tested;
}

std::vector<Judged> JudgeEntitlements(const std::vector<EntitlementRule>& rules, const std::vector<KnownFact>& facts,
                                      absl::CivilDay day) {
  std::vector<Judged> judged;
  for (const EntitlementRule& rule : rules) {
    Judged& one = judged.emplace_back();
    for (const FactTest& test : rule.tests) one.tests.push_back(TestFacts(test, facts, day));
    one.verdict = VerdictOn(one.tests);
  }
  for (std::size_t i = 0; i < rules.size(); ++i) {
    // What excludes is excluded by none, so that its verdict is the last word.
    for (const std::string& excluded : rules[i].excludes) {
      for (std::size_t j = 0; j < rules.size(); ++j) {
        if (rules[j].benefit != excluded) continue;
        const Verdict verdict = Excluded(judged[j].verdict, judged[i].verdict);
        if (verdict != judged[j].verdict) judged[j].excluded_by = rules[i].benefit;
        judged[j].verdict = verdict;
      }
    }
  }
  return judged;
}

std::vector<NextQuestion> RankQuestions(const std::vector<EntitlementRule>& rules, const std::vector<Judged>& judged) {
  struct Asked {
    std::vector<std::string> benefits;
    int alone = 0;
  };
  std::map<int, Asked> by_kind;
  for (std::size_t i = 0; i < rules.size(); ++i) {
    if (judged[i].verdict != Verdict::kNeedFact && judged[i].verdict != Verdict::kLikely) continue;
    const auto open = std::count_if(judged[i].tests.begin(), judged[i].tests.end(), IsOpen);
    for (std::size_t j = 0; j < rules[i].tests.size(); ++j) {
      if (!IsOpen(judged[i].tests[j])) continue;
      Asked& asked = by_kind[rules[i].tests[j].kind];
      asked.benefits.push_back(rules[i].benefit);
      if (open == 1) ++asked.alone;
    }
  }
  std::vector<std::pair<int, Asked>> ranked(by_kind.begin(), by_kind.end());
  std::stable_sort(ranked.begin(), ranked.end(), [](const auto& one, const auto& other) {
    return std::make_tuple(one.second.benefits.size(), one.second.alone) >
           std::make_tuple(other.second.benefits.size(), other.second.alone);
  });
  std::vector<NextQuestion> questions;
  for (auto& [kind, asked] : ranked) questions.push_back({kind, std::move(asked.benefits)});
  return questions;
}

}  // namespace xxt::intake::benefit
