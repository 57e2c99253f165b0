#ifndef XXT_SERVICES_INTAKE_APP_NEXT_ACTION_H_
#define XXT_SERVICES_INTAKE_APP_NEXT_ACTION_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/identity/caller.h"
#include "common/pg/session.h"
#include "services/intake/domain/case.h"

namespace xxt::intake::app {

// What a person may choose as the time of the next action.
// Errors: FIELD_INVALID naming `field`: not in the future, or beyond the horizon
// (LastDayToAct).
absl::Status CheckNextActionTime(const Case& open, absl::Time due, const Policy& policy, absl::Time now,
                                 absl::string_view field);

// The officer says what comes next, and when.
// Errors: those of CheckNextActionTime and LoadOpenForChange.
absl::StatusOr<Case> SayNextAction(pg::Session& session, const identity::Caller& caller, absl::string_view name,
                                   absl::string_view etag, const NextAction& next, const Policy& policy,
                                   absl::Time now);

}  // namespace xxt::intake::app

#endif  // XXT_SERVICES_INTAKE_APP_NEXT_ACTION_H_
