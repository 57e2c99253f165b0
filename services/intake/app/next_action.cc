#include "services/intake/app/next_action.h"

#include "absl/strings/str_cat.h"
#include "common/status/errors.h"
#include "common/status/macros.h"
#include "services/intake/app/case_change.h"
#include "services/intake/app/case_tasks.h"

namespace xxt::intake::app {

absl::StatusOr<Case> SayNextAction(pg::Session& session, const identity::Caller& caller, absl::string_view name,
                                   absl::string_view etag, const NextAction& next, absl::Time now) {
  if (next.due_time <= now) {
    return errors::FieldInvalid("next_action.due_time", "须晚于现在", "must lie in the future");
  }
  XXT_ASSIGN_OR_RETURN(Case found, LoadOpenForChange(session, caller, name, etag));
  SetNextAction(session, found, next);
  Save(session, caller, found, "case.next_action_set.v1", absl::StrCat("下一步：", next.summary), now);
  return found;
}

}  // namespace xxt::intake::app
