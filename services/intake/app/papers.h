#ifndef XXT_SERVICES_INTAKE_APP_PAPERS_H_
#define XXT_SERVICES_INTAKE_APP_PAPERS_H_

#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/identity/caller.h"
#include "common/pg/session.h"
#include "services/intake/domain/case.h"

// The papers a matter needs. All answer those of LoadOpenForChange too.
namespace xxt::intake::app {

// Records a paper as missing. One of the same title is recorded once: then
// nothing changes.
// Errors: FIELD_INVALID (a catch-all title).
absl::StatusOr<Case> RecordGap(pg::Session& session, const identity::Caller& caller, absl::string_view name,
                               absl::string_view etag, const CasePaper& paper, absl::Time now);

// Tells the person all `papers` as the next version of the checklist.
// Errors: FIELD_INVALID (a catch-all title, a paper the counter has seen
// already, no reason for an amendment), STATE_FORBIDS (nothing changes).
absl::StatusOr<Case> IssueCaseChecklist(pg::Session& session, const identity::Caller& caller, absl::string_view name,
                                        absl::string_view etag, const std::vector<CasePaper>& papers,
                                        absl::string_view amendment_reason, absl::Time now);

}  // namespace xxt::intake::app

#endif  // XXT_SERVICES_INTAKE_APP_PAPERS_H_
