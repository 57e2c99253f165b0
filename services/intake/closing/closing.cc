#include "services/intake/closing/closing.h"

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/calendar/opening_hours.h"
#include "common/edge/noun.h"
#include "common/edge/room.h"
#include "services/intake/cases/cases.h"
#include "services/intake/cases/next_action.h"
#include "services/intake/cases/tell.h"
#include "services/intake/closing/closure_rules.h"
#include "services/intake/closing/dispute.h"
#include "services/intake/closing/follow_up.h"
#include "services/intake/contact/contact.h"
#include "services/intake/hall/hall.h"
#include "services/intake/slices.h"
#include "services/intake/term/term.h"
#include "xixinting/intake/v1/closing.grpc.pb.h"

namespace xxt::intake {
namespace closing {
namespace {

// The rules' numbers are the proto's.
static_assert(static_cast<int>(Resolution::kResolved) == v1::Closure::RESOLUTION_RESOLVED);
static_assert(static_cast<int>(Resolution::kGuided) == v1::Closure::RESOLUTION_GUIDED);
static_assert(static_cast<int>(Resolution::kHandedOver) == v1::Closure::RESOLUTION_HANDED_OVER);
static_assert(static_cast<int>(Resolution::kWithdrawn) == v1::Closure::RESOLUTION_WITHDRAWN);
static_assert(static_cast<int>(Resolution::kNotPossible) == v1::Closure::RESOLUTION_NOT_POSSIBLE);
static_assert(static_cast<int>(Resolution::kMerged) == v1::Closure::RESOLUTION_MERGED);

// What followed on `ended`, which gave nothing: the person's own word that the
// matter is done; or one for the same paper that has not ended in vain.
std::string SuccessorOf(const v1::Case& found, bool confirmed, const std::string& ended, const v1::ReferralNews& news) {
  if (confirmed) return found.outcome().contact();
  for (const auto& [name, other] : found.referrals()) {
    if (name != ended && other.state() != v1::ReferralNews::STATE_ENDED && other.paper_title() == news.paper_title()) {
      return name;
    }
  }
  return "";
}

// A contact that does not exist is simply no fact.
absl::StatusOr<std::optional<ContactFact>> FactOf(Tx& tx, const v1::Case& found, const std::string& contact) {
  const absl::StatusOr<v1::Contact> one = contact::LoadAny(tx, found, contact);
  if (one.ok()) return follow_up::FactOf(*one);
  if (absl::IsNotFound(one.status())) return std::nullopt;
  return one.status();
}

absl::StatusOr<ClosureFacts> FactsOf(Tx& tx, const v1::Case& found, const v1::Closure& closure) {
  ClosureFacts facts{.resolution = static_cast<Resolution>(closure.resolution()),
                     .has_explanation = !closure.explanation().empty(),
                     .has_basis = !closure.basis().empty(),
                     .has_next_route = !closure.next_route().empty(),
                     .has_acceptance = !closure.accepted_by().empty()};
  for (const v1::Alternative& other : closure.alternatives()) {
    facts.alternatives.push_back({!other.summary().empty(), !other.outcome().empty()});
  }
  XXT_ASSIGN_OR_RETURN(facts.told_in, FactOf(tx, found, closure.told_in()));
  XXT_ASSIGN_OR_RETURN(facts.accepted_in, FactOf(tx, found, closure.accepted_in()));
  return facts;
}

absl::Status CheckState(const v1::Case& found, v1::Case::State needed) {
  if (found.state() == needed) return absl::OkStatus();
  return errors::StateForbids(found.name(), "诉求当前状态不能这样办结", "the case's state does not allow it");
}

// Whether what the person confirmed was not corrected since.
absl::StatusOr<bool> OutcomeStands(Tx& tx, const v1::Case& found) {
  if (!found.has_outcome()) return false;
  XXT_ASSIGN_OR_RETURN(const std::optional<ContactFact> said, FactOf(tx, found, found.outcome().contact()));
  return !said.has_value() || said->corrected_by.empty();
}

// Errors: CLOSURE_INCOMPLETE (everything that is missing).
absl::Status CheckComplete(Tx& tx, const v1::Case& found, const v1::Closure& closure) {
  XXT_ASSIGN_OR_RETURN(const ClosureFacts facts, FactsOf(tx, found, closure));
  XXT_ASSIGN_OR_RETURN(const bool confirmed, OutcomeStands(tx, found));
  std::vector<errors::Violation> missing = FindMissing(closing::FactsOf(found, confirmed), facts, tx.now);
  return missing.empty() ? absl::OkStatus() : errors::ClosureIncomplete(found.name(), std::move(missing));
}

absl::Status Close(const Policy& policy, Tx& tx, v1::Case& found) {
  XXT_RETURN_IF_ERROR(term::MeetAll(tx, found));
  XXT_RETURN_IF_ERROR(dispute::Settle(tx, found));
  XXT_RETURN_IF_ERROR(follow_up::Schedule(policy, tx, found));
  found.set_state(v1::Case::STATE_CLOSED);
  rpc::ToProto(tx.now, found.mutable_close_time());
  cases::ClearNextAction(tx, found);
  // Each closing is told.
  const int before = found.reopen_count();
  cases::TellApplicant(tx, found, "case-closed", before == 0 ? "closed" : absl::StrCat("closed.", before + 1));
  cases::Save(tx, found, "case.closed.v1", "已办结");
  return absl::OkStatus();
}

}  // namespace

CaseFacts FactsOf(const v1::Case& found, bool confirmed) {
  CaseFacts facts{.opened_time = rpc::FromProto(found.has_reopen_time() ? found.reopen_time() : found.create_time()),
                  .outcome_confirmed = confirmed,
                  .holds_route_sheet = found.holds_route_sheet(),
                  .leads_on = found.leads_on(),
                  .not_ours = found.not_ours(),
                  .awaits_escalation = found.awaits_escalation(),
                  .owes_retelling = found.owes_retelling(),
                  .seeks_successor = found.seeks_successor()};
  for (const auto& [name, news] : found.referrals()) {
    facts.unreturned_originals += news.unreturned_originals();
    facts.taken_over |= news.takes_over() && news.state() == v1::ReferralNews::STATE_ANSWERED;
    const bool in_vain = news.state() == v1::ReferralNews::STATE_ENDED;
    facts.referrals.push_back({name, news.state() == v1::ReferralNews::STATE_OPEN, in_vain,
                               in_vain ? SuccessorOf(found, confirmed, name, news) : "", news.open_visits() > 0});
  }
  return facts;
}

absl::Status Confirm(Tx& tx, const v1::ConfirmOutcomeRequest& request, v1::Case& found) {
  XXT_ASSIGN_OR_RETURN(found, cases::LockOpen(tx, request.name(), request.etag()));
  XXT_ASSIGN_OR_RETURN(const v1::Contact said, contact::Load(tx, found, request.outcome().contact()));
  if (!contact::HasTheirWord(said)) {
    return errors::StateForbids(said.name(), "这次联系中没有联系上当事人或亲属",
                                "neither the applicant nor kin were reached in that contact");
  }
  if (found.has_reopen_time() && rpc::FromProto(said.occur_time()) < rpc::FromProto(found.reopen_time())) {
    return errors::StateForbids(said.name(), "这次联系早于诉求重新办理，其中确认的结果已有异议",
                                "is older than the reopening: what was confirmed there is disputed");
  }
  *found.mutable_outcome() = request.outcome();
  rpc::ToProto(tx.now, found.mutable_outcome()->mutable_confirm_time());
  cases::Save(tx, found, "case.outcome_confirmed.v1", "结果已经当事人确认");
  return absl::OkStatus();
}

absl::Status Propose(const Policy& policy, Tx& tx, const v1::ProposeClosureRequest& request, v1::Case& found) {
  XXT_ASSIGN_OR_RETURN(found, cases::LockOpen(tx, request.name(), request.etag()));
  XXT_RETURN_IF_ERROR(CheckState(found, v1::Case::STATE_IN_PROGRESS));
  XXT_RETURN_IF_ERROR(CheckComplete(tx, found, request.closure()));
  XXT_ASSIGN_OR_RETURN(const calendar::OpeningHours hours, hall::LoadHours(tx.session, found.hall()));
  found.set_state(v1::Case::STATE_CLOSURE_PROPOSED);
  // The oldest goes rather than that a case can never end; the ledger keeps that it was returned.
  if (!edge::HasRoom(found, "returned_closures")) found.mutable_returned_closures()->DeleteSubrange(0, 1);
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

absl::Status Review(const Policy& policy, Tx& tx, const v1::ReviewClosureRequest& request, v1::Case& found) {
  XXT_ASSIGN_OR_RETURN(found, cases::LockOpen(tx, request.name(), request.etag()));
  XXT_RETURN_IF_ERROR(CheckState(found, v1::Case::STATE_CLOSURE_PROPOSED));
  const v1::Closure& proposed = found.closure();
  const bool outsider =
      NeedsOutsider(FactsOf(found, found.has_outcome()), static_cast<Resolution>(proposed.resolution()));
  if (!MayReview(outsider, proposed.proposer(), cases::OwnersOf(found), tx.caller.subject)) {
    return errors::SecondReviewerNeeded(found.name());
  }
  const bool approve = request.decision() == v1::ReviewClosureRequest::DECISION_APPROVE;
  if (approve) {
    XXT_RETURN_IF_ERROR(CheckComplete(tx, found, proposed));
  } else if (request.comment().empty()) {
    return errors::FieldInvalid("comment", "退回时须写明还可以怎么试", "to return it, say what else to try");
  }
  found.mutable_closure()->set_reviewer(tx.caller.subject);
  found.mutable_closure()->set_review_comment(request.comment());
  edge::Never(tx, kReviewKind, found.name());
  if (approve) return Close(policy, tx, found);
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
  XXT_CHANGE(ReviewClosure, Case, std::bind_front(closing::Review, settings_))
  XXT_CHANGE(MergeCase, Case, closing::Merge)
};

}  // namespace

edge::Slice ClosingSlice(const Policy& policy) {
  return {{},
          {edge::Settled(closing::kReviewKind, "请用办结复核来完成", "settled by ReviewClosure")},
          {edge::ServiceOf<Service>(policy)}};
}

}  // namespace xxt::intake
