#ifndef XXT_SERVICES_INTAKE_APP_CASE_CHANGE_H_
#define XXT_SERVICES_INTAKE_APP_CASE_CHANGE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/identity/caller.h"
#include "common/pg/session.h"
#include "services/intake/domain/case.h"

// What every verb does around its own decision.
namespace xxt::intake::app {

// Parses "cases/{uuid}". Errors: FIELD_INVALID naming `field`.
absl::StatusOr<std::string> CaseIdOf(absl::string_view name, absl::string_view field);

// Loads the case called `name` for this transaction to change. `etag` may be
// empty: not checked.
// Errors: FIELD_INVALID (field "name"), RESOURCE_NOT_FOUND, OTHER_HALL, ETAG_MISMATCH.
absl::StatusOr<Case> LoadForChange(pg::Session& session, const identity::Caller& caller, absl::string_view name,
                                   absl::string_view etag);

// The same for verbs that need an open case. Errors: STATE_FORBIDS too.
absl::StatusOr<Case> LoadOpenForChange(pg::Session& session, const identity::Caller& caller, absl::string_view name,
                                       absl::string_view etag);

// Queues what ends every change: the case, and the event that tells of it.
// `summary` is for people, without personal data.
void Save(pg::Session& session, const identity::Caller& caller, Case& changed, absl::string_view event_type,
          std::string summary, absl::Time now);

// Queues an event about a case that was just inserted or saved.
void AppendEvent(pg::Session& session, const identity::Caller& caller, const Case& about, absl::string_view event_type,
                 std::string summary, absl::Time now);

// The version of a case as clients hold it.
std::string EtagOf(const Case& found);

}  // namespace xxt::intake::app

#endif  // XXT_SERVICES_INTAKE_APP_CASE_CHANGE_H_
