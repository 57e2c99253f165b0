#ifndef XXT_SERVICES_INTAKE_APP_CORRECT_PARTY_H_
#define XXT_SERVICES_INTAKE_APP_CORRECT_PARTY_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/identity/caller.h"
#include "common/pg/session.h"
#include "services/intake/domain/case.h"

namespace xxt::intake::app {

// Corrects the party called `name`, and notes who did it and why. The event
// names the fields alone.
// Errors: RESOURCE_NOT_FOUND (case or party), OTHER_HALL, ETAG_MISMATCH,
// STATE_FORBIDS (closed), FIELD_INVALID (nothing to correct, a name taken away,
// an identity number beside a credit code).
absl::StatusOr<Case> CorrectParty(pg::Session& session, const identity::Caller& caller, absl::string_view name,
                                  absl::string_view etag, const PartyFields& right, const std::string& reason,
                                  absl::Time now);

}  // namespace xxt::intake::app

#endif  // XXT_SERVICES_INTAKE_APP_CORRECT_PARTY_H_
