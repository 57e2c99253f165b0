#include "services/intake/app/next_action.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "common/calendar/shanghai_time.h"
#include "common/status/errors.h"
#include "common/status/macros.h"
#include "services/intake/app/case_change.h"
#include "services/intake/app/case_tasks.h"

namespace xxt::intake::app {

absl::Status CheckNextActionTime(const Case& open, absl::Time due, const Policy& policy, absl::Time now,
                                 absl::string_view field) {
  if (due <= now) return errors::FieldInvalid(std::string(field), "须晚于现在", "must lie in the future");
  const absl::CivilDay last = LastDayToAct(open, policy, calendar::ToCivilDay(now));
  if (calendar::ToCivilDay(due) <= last) return absl::OkStatus();
  const std::string day = absl::FormatCivilTime(last);
  return errors::FieldInvalid(std::string(field), absl::StrCat("太远，最迟 ", day),
                              absl::StrCat("is too far off, at the latest ", day));
}

absl::StatusOr<Case> SayNextAction(pg::Session& session, const identity::Caller& caller, absl::string_view name,
                                   absl::string_view etag, const NextAction& next, const Policy& policy,
                                   absl::Time now) {
  XXT_ASSIGN_OR_RETURN(Case found, LoadOpenForChange(session, caller, name, etag));
  XXT_RETURN_IF_ERROR(CheckNextActionTime(found, next.due_time, policy, now, "next_action.due_time"));
  SetNextAction(session, found, next);
  Save(session, caller, found, "case.next_action_set.v1", absl::StrCat("下一步：", next.summary), now);
  return found;
}

}  // namespace xxt::intake::app
