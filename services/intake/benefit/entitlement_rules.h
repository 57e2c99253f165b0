#ifndef XXT_SERVICES_INTAKE_BENEFIT_ENTITLEMENT_RULES_H_
#define XXT_SERVICES_INTAKE_BENEFIT_ENTITLEMENT_RULES_H_

#include <string>
#include <vector>

#include "absl/time/civil_time.h"

// Who is entitled to what: a rule is a conjunction of tests on facts, and may exclude other benefits.
namespace xxt::intake::benefit {

// What somebody said of one day. Kinds have the numbers of the proto.
struct KnownFact {
  std::string name;
  int kind = 0;
  bool holds = false;
  // Of the person who is asked about; else of the household.
  bool of_person = false;
  absl::CivilDay as_of;
};

// That a fact of the kind says so. Its word counts for `fresh_days`, 0: for ever.
struct FactTest {
  int kind = 0;
  bool holds = false;
  int fresh_days = 0;
};

// The rule of a benefit that holds on the day.
struct EntitlementRule {
  std::string benefit;
  std::vector<FactTest> tests;
  // Whoever has this benefit has none of these. None of them excludes any (catalogue_rules.h).
  std::vector<std::string> excludes;
};

// Have the numbers of the proto.
enum class Verdict { kEligible = 1, kLikely = 2, kNotEligible = 3, kNeedFact = 4 };
enum class Standing { kMet = 1, kNotMet = 2, kUnknown = 3, kContradicted = 4, kMetLongAgo = 5, kNotMetLongAgo = 6 };

struct Tested {
  Standing standing = Standing::kUnknown;
  std::vector<std::string> facts;  // it rests on these
};

struct Judged {
  Verdict verdict = Verdict::kNeedFact;
  std::vector<Tested> tests;  // as in the rule
  std::string excluded_by;    // a benefit that is had, or may be
};

// How a test stands on `day`. The newest facts up to that day decide; those of the person, if there are any, before
// those of the household.
Tested TestFacts(const FactTest& test, const std::vector<KnownFact>& facts, absl::CivilDay day);

// The verdict on each rule, in their order. One test that is not met is NOT_ELIGIBLE, whatever else is unknown. Else
// NEED_FACT if one is unknown or contradicted, or was not met long ago: nobody is refused by an old fact. Else LIKELY
// if one was met long ago. Then a benefit is not had by whoever is ELIGIBLE for one that excludes it, and LIKELY at
// most while that one is LIKELY or undecided.
std::vector<Judged> JudgeEntitlements(const std::vector<EntitlementRule>& rules, const std::vector<KnownFact>& facts,
                                      absl::CivilDay day);

// A kind of fact that is worth asking for.
struct NextQuestion {
  int kind = 0;
  std::vector<std::string> benefits;  // of which it may settle whether they are had
};

// What `judged` leaves open, of the rules it is of: first what may settle the most verdicts, among those what settles
// the most by itself, whatever is answered, then by kind.
std::vector<NextQuestion> RankQuestions(const std::vector<EntitlementRule>& rules, const std::vector<Judged>& judged);

}  // namespace xxt::intake::benefit

#endif  // XXT_SERVICES_INTAKE_BENEFIT_ENTITLEMENT_RULES_H_
