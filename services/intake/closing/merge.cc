#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/edge/noun.h"
#include "common/edge/room.h"
#include "services/intake/cases/cases.h"
#include "services/intake/cases/next_action.h"
#include "services/intake/cases/tell.h"
#include "services/intake/closing/closing.h"
#include "services/intake/closing/merge_rules.h"
#include "services/intake/term/term.h"

namespace xxt::intake::closing {
namespace {

absl::Status CheckGoesOn(const v1::Case& about) {
  XXT_RETURN_IF_ERROR(cases::CheckNotMerged(about));
  if (about.state() == v1::Case::STATE_IN_PROGRESS) return absl::OkStatus();
  if (cases::IsOpen(about)) {
    return errors::StateForbids(about.name(), "办结正在复核，请先复核", "a closure waits: review it first");
  }
  return errors::StateForbids(about.name(), "诉求已办结", "the case is closed");
}

// Both are locked, always in the order of their ids: two who merge each into the other wait in no circle.
absl::Status LockBoth(Tx& tx, const v1::MergeCaseRequest& request, v1::Case& merged, v1::Case& into) {
  const bool first = request.name() < request.into();
  if (first) {
    XXT_ASSIGN_OR_RETURN(merged, cases::Lock(tx, request.name(), request.etag()));
  }
  XXT_ASSIGN_OR_RETURN(into, cases::Lock(tx, request.into()));
  if (!first) {
    XXT_ASSIGN_OR_RETURN(merged, cases::Lock(tx, request.name(), request.etag()));
  }
  XXT_RETURN_IF_ERROR(CheckGoesOn(merged));
  return CheckGoesOn(into);
}

// Of a person, or of an organisation: numbers of two kinds are never equal.
std::string NumberOf(const Tx& tx, const v1::Case& about) {
  const v1::Party& applicant = cases::ApplicantOf(about);
  if (applicant.resident_id().empty()) return applicant.credit_code();
  return tx.SearchHash(*v1::Party::descriptor()->FindFieldByName("resident_id"), applicant.resident_id());
}

absl::Status CheckTogether(const Tx& tx, const v1::MergeCaseRequest& request, const v1::Case& merged,
                           const v1::Case& into) {
  const std::optional<errors::Violation> fault =
      FindMergeFault({.same_case = request.name() == request.into(),
                      .same_hall = merged.hall() == into.hall(),
                      .number_of_merged = NumberOf(tx, merged),
                      .number_of_kept = NumberOf(tx, into),
                      .says_why_same_person = !request.same_person().empty()});
  if (fault.has_value()) return errors::FieldsInvalid({*fault});
  const std::vector<std::string> owners = cases::OwnersOf(merged);
  const bool owned = std::find(owners.begin(), owners.end(), tx.caller.subject) != owners.end();
  return owned ? errors::SecondReviewerNeeded(merged.name()) : absl::OkStatus();
}

// Whatever is under way in a case has an open task, or is in its facts.
absl::Status CheckNothingOpen(Tx& tx, const v1::Case& merged) {
  std::vector<errors::Violation> open = FindUnfinished(FactsOf(merged, merged.has_outcome()), Resolution::kMerged);
  XXT_ASSIGN_OR_RETURN(const std::vector<tasks::OpenTask> waiting,
                       tasks::OpenAbout(tx.session, merged.name(), KindsThatMayStand()));
  for (const tasks::OpenTask& task : waiting) open.push_back(ToSettleFirst(task.kind, task.subject));
  return open.empty() ? absl::OkStatus() : errors::ClosureIncomplete(merged.name(), std::move(open));
}

// What the duplicate would have done next is the kept case's to decide, no later than either was to act, and no later
// in the work list.
void TakeIn(Tx& tx, const v1::Case& merged, v1::Case& into) {
  into.add_merged_cases(merged.name());
  if (merged.priority().head_start_minutes() > into.priority().head_start_minutes()) {
    *into.mutable_priority() = merged.priority();
  }
  const absl::Time due =
      std::min(rpc::FromProto(merged.next_action().due_time()), rpc::FromProto(into.next_action().due_time()));
  cases::SetNextAction(tx, into, absl::StrCat("查看并入的诉求 ", merged.display_code(), "，再定下一步"), due);
  cases::TellApplicant(tx, into, "case-merged", absl::StrCat("merged.", merged.display_code()),
                       {cases::Named("other", merged.display_code())});
  cases::Save(tx, into, "case.duplicate_taken_in.v1", absl::StrCat("已并入重复的诉求：", merged.display_code()));
}

// Its people, papers, contacts and what was promised stay where they are.
void End(Tx& tx, const v1::MergeCaseRequest& request, const v1::Case& into, v1::Case& merged) {
  if (merged.has_closure()) *merged.add_returned_closures() = merged.closure();
  v1::Closure& closure = *merged.mutable_closure();
  closure.Clear();
  closure.set_resolution(v1::Closure::RESOLUTION_MERGED);
  closure.set_explanation(request.reason());
  closure.set_review_comment(request.same_person());
  closure.set_proposer(tx.caller.subject);
  rpc::ToProto(tx.now, closure.mutable_propose_time());
  merged.set_merged_into(into.name());
  merged.set_state(v1::Case::STATE_CLOSED);
  rpc::ToProto(tx.now, merged.mutable_close_time());
  cases::ClearNextAction(tx, merged);
  // What goes on under it, aftercare for instance, is the kept case's owner's.
  if (merged.owner() != into.owner()) {
    tasks::PassOn(tx.session, merged.name(), merged.owner(), into.owner());
    merged.add_former_owners(merged.owner());
    merged.set_owner(into.owner());
  }
  cases::Save(tx, merged, "case.merged.v1", absl::StrCat("已并入：", into.display_code()));
}

}  // namespace

absl::Status Merge(Tx& tx, const v1::MergeCaseRequest& request, v1::Case& merged) {
  v1::Case into;
  XXT_RETURN_IF_ERROR(LockBoth(tx, request, merged, into));
  XXT_RETURN_IF_ERROR(CheckTogether(tx, request, merged, into));
  XXT_RETURN_IF_ERROR(CheckNothingOpen(tx, merged));
  XXT_RETURN_IF_ERROR(edge::CheckRoom(into, "merged_cases"));
  XXT_RETURN_IF_ERROR(term::MeetAll(tx, merged));
  TakeIn(tx, merged, into);
  End(tx, request, into, merged);
  return absl::OkStatus();
}

}  // namespace xxt::intake::closing
