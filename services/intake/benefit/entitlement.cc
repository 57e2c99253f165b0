#include "services/intake/benefit/entitlement.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "common/calendar/shanghai_time.h"
#include "common/edge/noun.h"
#include "services/intake/benefit/benefit.h"
#include "services/intake/benefit/entitlement_rules.h"
#include "services/intake/cases/cases.h"
#include "services/intake/people/fact.h"
#include "services/intake/slices.h"
#include "xixinting/intake/v1/entitlement.grpc.pb.h"
#include "xixinting/intake/v1/fact.pb.h"

namespace xxt::intake {
namespace benefit {
namespace {

static_assert(v1::Entitlement::Verdict_MAX == static_cast<int>(Verdict::kNeedFact));
static_assert(v1::Entitlement::Standing_MAX == static_cast<int>(Standing::kNotMetLongAgo));

bool Holds(v1::Fact::Finding finding) { return finding == v1::Fact::FINDING_HOLDS; }

// What stands of the party and the household; of the household alone if `party` is empty.
absl::StatusOr<std::vector<KnownFact>> ReadFacts(Tx& tx, const std::string& about, const std::string& party) {
  v1::ListFactsRequest request;
  request.set_parent(about);
  std::vector<KnownFact> known;
  XXT_RETURN_IF_ERROR(
      ReadPages<v1::ListFactsResponse>(tx, people::kFacts, "of_case", request, [&](const v1::ListFactsResponse& page) {
        for (const v1::Fact& fact : page.facts()) {
          if (fact.state() != v1::Fact::STATE_CURRENT) continue;
          if (!fact.party().empty() && fact.party() != party) continue;
          known.push_back({fact.name(), fact.kind(), Holds(fact.finding()), !fact.party().empty(),
                           rpc::FromProto(fact.as_of_date())});
        }
      }));
  return known;
}

EntitlementRule RuleOf(const std::string& benefit, const v1::Benefit::Rule& rule) {
  EntitlementRule made;
  made.benefit = benefit;
  for (const v1::Benefit::Test& test : rule.tests()) {
    made.tests.push_back({test.kind(), Holds(test.finding()), test.fresh_days()});
  }
  made.excludes.assign(rule.excludes().begin(), rule.excludes().end());
  return made;
}

void AddFinding(const v1::Benefit& about, const v1::Benefit::Rule& rule, const Judged& judged, v1::Entitlement* found) {
  v1::Entitlement::Finding& finding = *found->add_findings();
  finding.set_benefit(about.name());
  finding.set_title(about.title());
  finding.set_verdict(static_cast<v1::Entitlement::Verdict>(judged.verdict));
  for (int i = 0; i < rule.tests_size(); ++i) {
    const Tested& tested = judged.tests[static_cast<std::size_t>(i)];
    v1::Entitlement::Reason& reason = *finding.add_reasons();
    reason.set_kind(rule.tests(i).kind());
    reason.set_finding(rule.tests(i).finding());
    reason.set_standing(static_cast<v1::Entitlement::Standing>(tested.standing));
    for (const std::string& fact : tested.facts) reason.add_facts(fact);
  }
  finding.set_excluded_by(judged.excluded_by);
  finding.set_source(rule.source());
  *finding.mutable_valid_from() = rule.valid_from();
}

void AddQuestion(const NextQuestion& next, v1::Entitlement* found) {
  v1::Entitlement::Question& question = *found->add_questions();
  question.set_kind(static_cast<v1::Fact::Kind>(next.kind));
  question.set_settles(static_cast<std::int32_t>(next.benefits.size()));
  for (const std::string& one : next.benefits) question.add_benefits(one);
}

absl::Status Lookup(Tx& tx, const v1::LookupEntitlementRequest& request, v1::Entitlement& found) {
  v1::Case about;
  XXT_RETURN_IF_ERROR(tx.Get(cases::kCases, request.name(), &about));
  if (!request.party().empty() && !cases::HasParty(about, request.party())) {
    return errors::NotFound("intake.xixinting/Party", request.party());
  }
  const absl::CivilDay day =
      request.has_as_of_date() ? rpc::FromProto(request.as_of_date()) : calendar::ToCivilDay(tx.now);
  XXT_ASSIGN_OR_RETURN(const std::vector<v1::Benefit> catalogue, ReadCatalogue(tx));
  XXT_ASSIGN_OR_RETURN(found, FindEntitlement(tx, about, request.party(), day, catalogue));
  return absl::OkStatus();
}

class Service final : public edge::Serves<v1::EntitlementService> {
 public:
  using Serves::Serves;
  XXT_READ(LookupEntitlement, Entitlement, Lookup)
};

}  // namespace

absl::StatusOr<v1::Entitlement> FindEntitlement(Tx& tx, const v1::Case& about, const std::string& party,
                                                absl::CivilDay day, const std::vector<v1::Benefit>& catalogue) {
  XXT_ASSIGN_OR_RETURN(const std::vector<KnownFact> facts, ReadFacts(tx, about.name(), party));
  std::vector<const v1::Benefit*> ruled;
  std::vector<EntitlementRule> rules;
  for (const v1::Benefit& one : catalogue) {
    const v1::Benefit::Rule* rule = RuleOn(one, day);
    if (rule == nullptr) continue;
    ruled.push_back(&one);
    rules.push_back(RuleOf(one.name(), *rule));
  }
  const std::vector<Judged> judged = JudgeEntitlements(rules, facts, day);
  v1::Entitlement found;
  rpc::ToProto(day, found.mutable_as_of_date());
  for (std::size_t i = 0; i < ruled.size(); ++i) AddFinding(*ruled[i], *RuleOn(*ruled[i], day), judged[i], &found);
  for (const NextQuestion& next : RankQuestions(rules, judged)) AddQuestion(next, &found);
  return found;
}

}  // namespace benefit

edge::Slice EntitlementSlice() { return {{}, {}, {edge::ServiceOf<benefit::Service>()}}; }

}  // namespace xxt::intake
