#ifndef XXT_SERVICES_INTAKE_APP_NEXT_ACTION_H_
#define XXT_SERVICES_INTAKE_APP_NEXT_ACTION_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/identity/caller.h"
#include "common/pg/session.h"
#include "services/intake/domain/case.h"

namespace xxt::intake::app {

// The officer says what comes next, and when.
// Errors: FIELD_INVALID (due_time not in the future), those of LoadOpenForChange.
absl::StatusOr<Case> SayNextAction(pg::Session& session, const identity::Caller& caller, absl::string_view name,
                                   absl::string_view etag, const NextAction& next, absl::Time now);

}  // namespace xxt::intake::app

#endif  // XXT_SERVICES_INTAKE_APP_NEXT_ACTION_H_
