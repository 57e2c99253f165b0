#include "services/intake/domain/case_state.h"

#include <array>
#include <cstddef>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace xxt::intake {
namespace {

struct Arrow {
  CaseState from;
  CaseAction action;
  CaseState to;
};

constexpr std::array<Arrow, 7> kArrows = {{
    {CaseState::kInProgress, CaseAction::kHold, CaseState::kOnHold},
    {CaseState::kOnHold, CaseAction::kResume, CaseState::kInProgress},
    {CaseState::kInProgress, CaseAction::kClose, CaseState::kClosed},
    {CaseState::kInProgress, CaseAction::kProposeClosure, CaseState::kClosureProposed},
    {CaseState::kClosureProposed, CaseAction::kApproveClosure, CaseState::kClosed},
    {CaseState::kClosureProposed, CaseAction::kReturnClosure, CaseState::kInProgress},
    {CaseState::kClosed, CaseAction::kReopen, CaseState::kInProgress},
}};

}  // namespace

absl::string_view NameOf(CaseState state) {
  constexpr std::array<absl::string_view, 4> kNames = {"IN_PROGRESS", "ON_HOLD", "CLOSURE_PROPOSED", "CLOSED"};
  return kNames[static_cast<std::size_t>(state)];
}

absl::string_view NameOf(CaseAction action) {
  constexpr std::array<absl::string_view, 7> kNames = {
      "HOLD", "RESUME", "CLOSE", "PROPOSE_CLOSURE", "APPROVE_CLOSURE", "RETURN_CLOSURE", "REOPEN"};
  return kNames[static_cast<std::size_t>(action)];
}

std::vector<CaseAction> AllowedActions(CaseState state) {
  std::vector<CaseAction> allowed;
  for (const Arrow& arrow : kArrows) {
    if (arrow.from == state) allowed.push_back(arrow.action);
  }
  return allowed;
}

absl::StatusOr<CaseState> Transition(CaseState state, CaseAction action) {
  for (const Arrow& arrow : kArrows) {
    if (arrow.from == state && arrow.action == action) return arrow.to;
  }
  const std::string allowed = absl::StrJoin(
      AllowedActions(state), ", ", [](std::string* out, CaseAction open) { absl::StrAppend(out, NameOf(open)); });
  return absl::FailedPreconditionError(
      absl::StrCat("case is ", NameOf(state), ", which does not allow ", NameOf(action), "; allowed: ", allowed));
}

}  // namespace xxt::intake
