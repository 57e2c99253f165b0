#include "services/intake/closing/closing.h"

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/calendar/opening_hours.h"
#include "common/edge/noun.h"
#include "services/intake/cases/cases.h"
#include "services/intake/cases/next_action.h"
#include "services/intake/cases/tell.h"
#include "services/intake/closing/closure_rules.h"
#include "services/intake/contact/contact.h"
#include "services/intake/hall/hall.h"
#include "services/intake/slices.h"
#include "xixinting/intake/v1/closing.grpc.pb.h"

namespace xxt::intake {
namespace closing {
namespace {

// The rules' enums are the protos' without UNSPECIFIED, in the same order.
static_assert(static_cast<int>(CaseState::kClosed) + 1 == v1::Case::STATE_CLOSED);
static_assert(static_cast<int>(Resolution::kNotPossible) + 1 == v1::Closure::RESOLUTION_NOT_POSSIBLE);

Closure ToRule(const v1::Closure& closure) {
  Closure rule;
  if (closure.resolution() != v1::Closure::RESOLUTION_UNSPECIFIED) {
    rule.resolution = static_cast<Resolution>(closure.resolution() - 1);
  }
  rule.explanation = closure.explanation();
  rule.told_in = closure.told_in();
  rule.basis = closure.basis();
  for (const v1::Alternative& other : closure.alternatives()) {
    rule.alternatives.push_back({other.summary(), other.outcome()});
  }
  rule.next_route = closure.next_route();
  rule.accepted_by = closure.accepted_by();
  return rule;
}

// The contact called `name`, if it is one of this case. Errors: RESOURCE_NOT_FOUND.
absl::StatusOr<v1::Contact> LoadContact(Tx& tx, const v1::Case& found, const std::string& name) {
  if (!absl::StartsWith(name, found.name() + "/")) return errors::NotFound("intake.xixinting/Contact", name);
  v1::Contact contact;
  XXT_RETURN_IF_ERROR(tx.Get(contact::kContacts, name, &contact));
  return contact;
}

// What followed on `ended`, which gave nothing: the person's own word that the
// matter is done; or one for the same paper that has not ended in vain.
std::string SuccessorOf(const v1::Case& found, const std::string& ended, const v1::ReferralNews& news) {
  if (found.has_outcome()) return found.outcome().contact();
  for (const auto& [name, other] : found.referrals()) {
    if (name != ended && other.state() != v1::ReferralNews::STATE_ENDED && other.paper_title() == news.paper_title()) {
      return name;
    }
  }
  return "";
}

// What closing looks at. A contact that does not exist is simply no fact.
absl::StatusOr<CaseFacts> LoadFacts(Tx& tx, const v1::Case& found, const std::string& told_in) {
  CaseFacts facts;
  facts.state = static_cast<CaseState>(found.state() - 1);
  facts.owner = found.owner();
  facts.opened_time = rpc::FromProto(found.create_time());
  facts.outcome_confirmed = found.has_outcome();
  facts.holds_route_sheet = found.holds_route_sheet();
  const absl::StatusOr<v1::Contact> told = LoadContact(tx, found, told_in);
  if (told.ok()) {
    facts.contacts.push_back({told->name(), rpc::FromProto(told->occur_time()), contact::WithThePerson(*told),
                              told->result() == v1::Contact::RESULT_REACHED});
  } else if (!absl::IsNotFound(told.status())) {
    return told.status();
  }
  for (const auto& [name, news] : found.referrals()) {
    const bool in_vain = news.state() == v1::ReferralNews::STATE_ENDED;
    facts.referrals.push_back(
        {name, news.state() == v1::ReferralNews::STATE_OPEN, in_vain, in_vain ? SuccessorOf(found, name, news) : ""});
  }
  return facts;
}

bool Has(const std::vector<ClosureViolation>& violations, ClosureProblem problem) {
  for (const ClosureViolation& violation : violations) {
    if (violation.problem == problem) return true;
  }
  return false;
}

// The error for what stands against a closure; OK if nothing does.
absl::Status ToStatus(const v1::Case& found, std::vector<ClosureViolation> violations) {
  if (violations.empty()) return absl::OkStatus();
  if (Has(violations, ClosureProblem::kStateForbids)) {
    return errors::StateForbids(found.name(), "事项当前状态不能这样办结", "the case's state does not allow it");
  }
  if (Has(violations, ClosureProblem::kSecondReviewerNeeded)) return errors::SecondReviewerNeeded(found.name());
  if (Has(violations, ClosureProblem::kCommentMissing)) {
    return errors::FieldInvalid("comment", "退回时须写明还可以怎么试", "to return it, say what else to try");
  }
  std::vector<errors::Violation> missing;
  for (ClosureViolation& violation : violations) {
    missing.push_back({std::move(violation.field), std::move(violation.text_zh), std::move(violation.text_en)});
  }
  return errors::ClosureIncomplete(found.name(), std::move(missing));
}

void Close(Tx& tx, v1::Case& found) {
  found.set_state(v1::Case::STATE_CLOSED);
  rpc::ToProto(tx.now, found.mutable_close_time());
  cases::ClearNextAction(tx, found);
  cases::TellApplicant(tx, found, "case-closed", "closed");
  cases::Save(tx, found, "case.closed.v1", "已办结");
}

}  // namespace

absl::Status Confirm(Tx& tx, const v1::ConfirmOutcomeRequest& request, v1::Case& found) {
  XXT_ASSIGN_OR_RETURN(found, cases::LockOpen(tx, request.name(), request.etag()));
  XXT_ASSIGN_OR_RETURN(const v1::Contact said, LoadContact(tx, found, request.outcome().contact()));
  if (!contact::WithThePerson(said) || said.result() != v1::Contact::RESULT_REACHED) {
    return errors::StateForbids(said.name(), "这次联系中没有联系上当事人或亲属",
                                "neither the applicant nor kin were reached in that contact");
  }
  *found.mutable_outcome() = request.outcome();
  rpc::ToProto(tx.now, found.mutable_outcome()->mutable_confirm_time());
  cases::Save(tx, found, "case.outcome_confirmed.v1", "结果已经当事人确认");
  return absl::OkStatus();
}

absl::Status Propose(const Policy& policy, Tx& tx, const v1::ProposeClosureRequest& request, v1::Case& found) {
  XXT_ASSIGN_OR_RETURN(found, cases::LockOpen(tx, request.name(), request.etag()));
  XXT_ASSIGN_OR_RETURN(const CaseFacts facts, LoadFacts(tx, found, request.closure().told_in()));
  XXT_RETURN_IF_ERROR(ToStatus(found, FindClosureProblems(facts, ToRule(request.closure()), tx.now)));
  XXT_ASSIGN_OR_RETURN(const calendar::OpeningHours hours, hall::LoadHours(tx.session, found.hall()));
  found.set_state(v1::Case::STATE_CLOSURE_PROPOSED);
  if (found.has_closure()) *found.add_returned_closures() = found.closure();
  v1::Closure& proposed = *found.mutable_closure();
  proposed = request.closure();
  proposed.set_proposer(tx.caller.subject);
  rpc::ToProto(tx.now, proposed.mutable_propose_time());
  cases::SetNextAction(tx, found, "等待办结复核", hours.AddOpenWorkdays(tx.now, policy.review_workdays));
  cases::Ask(tx, found, kReviewKind, found.name(), "", absl::StrCat("复核办结：", found.display_code()));
  cases::Save(tx, found, "case.closure_proposed.v1", "已提出办结，等待复核");
  return absl::OkStatus();
}

absl::Status Review(Tx& tx, const v1::ReviewClosureRequest& request, v1::Case& found) {
  XXT_ASSIGN_OR_RETURN(found, cases::LockOpen(tx, request.name(), request.etag()));
  XXT_ASSIGN_OR_RETURN(const CaseFacts facts, LoadFacts(tx, found, found.closure().told_in()));
  const ProposedClosure proposed{ToRule(found.closure()), found.closure().proposer()};
  const bool approve = request.decision() == v1::ReviewClosureRequest::DECISION_APPROVE;
  XXT_RETURN_IF_ERROR(
      ToStatus(found, FindReviewProblems(facts, proposed, {approve, request.comment()}, tx.caller.subject, tx.now)));
  found.mutable_closure()->set_reviewer(tx.caller.subject);
  found.mutable_closure()->set_review_comment(request.comment());
  edge::Never(tx, kReviewKind, found.name());
  if (approve) {
    Close(tx, found);
    return absl::OkStatus();
  }
  XXT_ASSIGN_OR_RETURN(const calendar::OpeningHours hours, hall::LoadHours(tx.session, found.hall()));
  found.set_state(v1::Case::STATE_IN_PROGRESS);
  cases::SetNextAction(tx, found, "办结被退回，按复核意见继续办", hours.NextOpen(tx.now));
  cases::Save(tx, found, "case.closure_returned.v1", "办结被退回");
  return absl::OkStatus();
}

}  // namespace closing

namespace {

class Service final : public edge::Serves<v1::ClosingService, Policy> {
 public:
  using Serves::Serves;
  XXT_CHANGE(ConfirmOutcome, Case, closing::Confirm)
  XXT_CHANGE(ProposeClosure, Case, std::bind_front(closing::Propose, settings_))
  XXT_CHANGE(ReviewClosure, Case, closing::Review)
};

}  // namespace

edge::Slice ClosingSlice(const Policy& policy) {
  return {{},
          {edge::Settled(closing::kReviewKind, "请用办结复核来完成", "settled by ReviewClosure")},
          {edge::ServiceOf<Service>(policy)}};
}

}  // namespace xxt::intake
