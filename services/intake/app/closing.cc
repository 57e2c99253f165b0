#include "services/intake/app/closing.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/calendar/opening_hours.h"
#include "common/status/errors.h"
#include "common/status/macros.h"
#include "services/intake/app/case_change.h"
#include "services/intake/app/case_tasks.h"
#include "services/intake/app/tell_tasks.h"
#include "services/intake/cases/root.h"
#include "services/intake/contact/contact.h"
#include "services/intake/hall/hall.h"

namespace xxt::intake::app {
namespace {

// What closing looks at. A contact that does not exist is simply no fact.
absl::StatusOr<CaseFacts> LoadFacts(Tx& tx, const Case& found, const Closure& closure) {
  std::vector<ContactFact> contacts;
  absl::StatusOr<ContactFact> told = contact::FactOf(tx, found, closure.told_in);
  if (told.ok()) {
    contacts.push_back(*std::move(told));
  } else if (!absl::IsNotFound(told.status())) {
    return told.status();
  }
  return FactsOf(found, std::move(contacts));
}

bool Has(const std::vector<ClosureViolation>& violations, ClosureProblem problem) {
  for (const ClosureViolation& violation : violations) {
    if (violation.problem == problem) return true;
  }
  return false;
}

// The error for what stands against a closure; OK if nothing does.
absl::Status ToStatus(const Case& found, std::vector<ClosureViolation> violations) {
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

void Close(pg::Session& session, Case& found, absl::Time now) {
  found.state = CaseState::kClosed;
  found.close_time = now;
  ClearNextAction(session, found);
  TellApplicant(session, found, {"case-closed", "closed", {}});
}

}  // namespace

absl::StatusOr<Case> ConfirmOutcome(Tx& tx, absl::string_view name, absl::string_view etag, const Outcome& input) {
  XXT_ASSIGN_OR_RETURN(Case found, LoadOpenForChange(tx.session, tx.caller, name, etag));
  XXT_ASSIGN_OR_RETURN(const ContactFact contact, contact::FactOf(tx, found, input.contact));
  if (!contact.with_person || !contact.reached) {
    return errors::StateForbids(contact.name, "这次联系中没有联系上当事人或亲属",
                                "neither the applicant nor kin were reached in that contact");
  }
  found.outcome = input;
  found.outcome->confirm_time = tx.now;
  cases::Save(tx, found, "case.outcome_confirmed.v1", "结果已经当事人确认");
  return found;
}

absl::StatusOr<Case> ProposeCaseClosure(Tx& tx, absl::string_view name, absl::string_view etag, const Closure& closure,
                                        const Policy& policy) {
  XXT_ASSIGN_OR_RETURN(Case found, LoadOpenForChange(tx.session, tx.caller, name, etag));
  XXT_ASSIGN_OR_RETURN(const CaseFacts facts, LoadFacts(tx, found, closure));
  XXT_RETURN_IF_ERROR(ToStatus(found, FindClosureProblems(facts, closure, tx.now)));
  XXT_ASSIGN_OR_RETURN(const calendar::OpeningHours hours, hall::LoadHours(tx.session, found.hall));
  found.state = CaseState::kClosureProposed;
  if (found.closure.has_value()) found.returned_closures.push_back(*std::move(found.closure));
  found.closure = RecordedClosure{closure, tx.caller.subject, tx.now, "", ""};
  SetNextAction(tx.session, found, {"等待办结复核", hours.AddOpenWorkdays(tx.now, policy.review_workdays)});
  AskForReview(tx.session, found, tx.now);
  cases::Save(tx, found, "case.closure_proposed.v1", "已提出办结，等待复核");
  return found;
}

absl::StatusOr<Case> ReviewCaseClosure(Tx& tx, absl::string_view name, absl::string_view etag, const Review& review) {
  XXT_ASSIGN_OR_RETURN(Case found, LoadOpenForChange(tx.session, tx.caller, name, etag));
  const RecordedClosure recorded = found.closure.value_or(RecordedClosure());
  XXT_ASSIGN_OR_RETURN(const CaseFacts facts, LoadFacts(tx, found, recorded.closure));
  XXT_RETURN_IF_ERROR(ToStatus(
      found, FindReviewProblems(facts, {recorded.closure, recorded.proposer}, review, tx.caller.subject, tx.now)));
  found.closure->reviewer = tx.caller.subject;
  found.closure->review_comment = review.comment;
  EndReview(tx.session, found);
  if (review.approve) {
    Close(tx.session, found, tx.now);
    cases::Save(tx, found, "case.closed.v1", "已办结");
    return found;
  }
  XXT_ASSIGN_OR_RETURN(const calendar::OpeningHours hours, hall::LoadHours(tx.session, found.hall));
  found.state = CaseState::kInProgress;
  SetNextAction(tx.session, found, {"办结被退回，按复核意见继续办", hours.NextOpen(tx.now)});
  cases::Save(tx, found, "case.closure_returned.v1", "办结被退回");
  return found;
}

}  // namespace xxt::intake::app
