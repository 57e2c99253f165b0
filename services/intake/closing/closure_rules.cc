#include "services/intake/closing/closure_rules.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace xxt::intake {
namespace {

using Violations = std::vector<ClosureViolation>;
using Problem = ClosureProblem;

// Texts of a problem, in the order of ClosureProblem.
struct ProblemText {
  absl::string_view zh;
  absl::string_view en;
};

constexpr std::array<ProblemText, 15> kTexts = {{
    {"事项当前状态不能办结", "the case's state does not allow it"},
    {"缺少对当事人的说明", "what is told to the person is missing"},
    {"尚无已告知当事人的联系记录（未接通不算告知）",
     "no recorded contact shows that the person was told; tried and not reached does not count"},
    {"结果尚未经当事人确认", "the person has not confirmed the outcome"},
    {"当事人手中还没有核对过的办理路线", "the person does not hold a checked route sheet"},
    {"尚未注明由哪个单位接收", "the office that accepted the case is missing"},
    {"尚无当事人本人表示撤回的联系记录", "no recorded contact holds the person's own word"},
    {"缺少办不了的依据", "the rule that this rests on is missing"},
    {"至少写明一种已尝试或研究过的其他办法", "at least one other way tried or weighed is missing"},
    {"其他办法须写明内容和结果", "another way lacks its summary or its outcome"},
    {"缺少当事人还可以去的渠道", "where the person may still turn is missing"},
    {"还有未办结的协查", "a referral is still open"},
    {"协查未果之后还没有下一步", "a referral ended without what was asked, and nothing followed"},
    {"复核人不能是提出人；结论为办不了的，也不能是首接负责人",
     "the reviewer must not be the proposer, nor of a \"no\" the owner"},
    {"退回时须写明还可以怎么试", "to return it, say what else to try"},
}};
static_assert(static_cast<std::size_t>(Problem::kCommentMissing) + 1 == kTexts.size());

void Add(Violations& violations, Problem problem, std::string field) {
  const ProblemText& text = kTexts[static_cast<std::size_t>(problem)];
  violations.push_back({problem, std::move(field), std::string(text.zh), std::string(text.en)});
}

void RequireText(Violations& violations, const std::string& value, Problem problem, absl::string_view field) {
  if (absl::StripAsciiWhitespace(value).empty()) Add(violations, problem, std::string(field));
}

// True if `name` is a contact in which the person was reached since the case was opened.
bool PersonWasReachedIn(const CaseFacts& facts, const std::string& name, absl::Time now) {
  return std::any_of(facts.contacts.begin(), facts.contacts.end(), [&](const ContactFact& contact) {
    return contact.name == name && !name.empty() && contact.with_person && contact.reached &&
           contact.occur_time >= facts.opened_time && contact.occur_time <= now;
  });
}

// Withdrawing ends the search by the person's word; a "no" answers with its alternatives
// and next route. Everything else needs what followed on each referral in vain.
bool NeedsSuccessors(Resolution resolution) {
  return resolution != Resolution::kWithdrawn && resolution != Resolution::kNotPossible;
}

void CheckReferrals(Violations& violations, const CaseFacts& facts, Resolution resolution) {
  for (const ReferralFact& referral : facts.referrals) {
    if (referral.open) {
      Add(violations, Problem::kReferralOpen, referral.name);
    } else if (referral.negative && referral.successor.empty() && NeedsSuccessors(resolution)) {
      Add(violations, Problem::kSuccessorMissing, referral.name);
    }
  }
}

void CheckNotPossible(Violations& violations, const Closure& closure) {
  RequireText(violations, closure.basis, Problem::kBasisMissing, "closure.basis");
  RequireText(violations, closure.next_route, Problem::kNextRouteMissing, "closure.next_route");
  if (closure.alternatives.empty()) Add(violations, Problem::kAlternativesMissing, "closure.alternatives");
  for (std::size_t i = 0; i < closure.alternatives.size(); ++i) {
    const std::string field = absl::StrCat("closure.alternatives[", i, "]");
    RequireText(violations, closure.alternatives[i].summary, Problem::kAlternativeOutcomeMissing, field + ".summary");
    RequireText(violations, closure.alternatives[i].outcome, Problem::kAlternativeOutcomeMissing, field + ".outcome");
  }
}

// Checks what the closure itself needs, whoever proposes or reviews it.
Violations CheckClosure(const CaseFacts& facts, const Closure& closure, absl::Time now) {
  Violations violations;
  RequireText(violations, closure.explanation, Problem::kExplanationMissing, "closure.explanation");
  if (!PersonWasReachedIn(facts, closure.told_in, now)) {
    const bool own_word = closure.resolution == Resolution::kWithdrawn;
    Add(violations, own_word ? Problem::kPersonsWordMissing : Problem::kNotTold, "closure.told_in");
  }
  switch (closure.resolution) {
    case Resolution::kResolved:
      if (!facts.outcome_confirmed) Add(violations, Problem::kOutcomeUnconfirmed, "case.outcome");
      break;
    case Resolution::kGuided:
      if (!facts.holds_route_sheet) Add(violations, Problem::kRouteMissing, "case.route_sheet");
      break;
    case Resolution::kHandedOver:
      RequireText(violations, closure.accepted_by, Problem::kAcceptanceMissing, "closure.accepted_by");
      break;
    case Resolution::kWithdrawn:
      break;
    case Resolution::kNotPossible:
      CheckNotPossible(violations, closure);
      break;
  }
  CheckReferrals(violations, facts, closure.resolution);
  return violations;
}

bool MayReview(const CaseFacts& facts, const ProposedClosure& proposed, absl::string_view reviewer) {
  if (reviewer == proposed.proposer) return false;
  return proposed.closure.resolution != Resolution::kNotPossible || reviewer != facts.owner;
}

}  // namespace

std::vector<ClosureViolation> FindClosureProblems(const CaseFacts& facts, const Closure& closure, absl::Time now) {
  Violations violations;
  if (facts.state != CaseState::kInProgress) Add(violations, Problem::kStateForbids, "case.state");
  for (ClosureViolation& violation : CheckClosure(facts, closure, now)) violations.push_back(std::move(violation));
  return violations;
}

std::vector<ClosureViolation> FindReviewProblems(const CaseFacts& facts, const ProposedClosure& proposed,
                                                 const Review& review, absl::string_view reviewer, absl::Time now) {
  Violations violations;
  if (facts.state != CaseState::kClosureProposed) Add(violations, Problem::kStateForbids, "case.state");
  if (!MayReview(facts, proposed, reviewer)) Add(violations, Problem::kSecondReviewerNeeded, "actor");
  if (!review.approve) {
    RequireText(violations, review.comment, Problem::kCommentMissing, "review.comment");
    return violations;
  }
  for (ClosureViolation& violation : CheckClosure(facts, proposed.closure, now)) {
    violations.push_back(std::move(violation));
  }
  return violations;
}

}  // namespace xxt::intake
