#include "services/intake/app/case_change.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/events/events.h"
#include "common/identifiers/resource_name.h"
#include "common/status/errors.h"
#include "common/status/macros.h"
#include "services/intake/storage/case_store.h"

namespace xxt::intake::app {

absl::StatusOr<std::string> CaseIdOf(absl::string_view name, absl::string_view field) {
  absl::StatusOr<std::string> id = identifiers::ParseName(name, "cases");
  if (!id.ok()) return errors::FieldInvalid(std::string(field), "不是事项的名称", "not a name of a case");
  return id;
}

absl::StatusOr<Case> LoadForChange(pg::Session& session, const identity::Caller& caller, absl::string_view name,
                                   absl::string_view etag) {
  XXT_ASSIGN_OR_RETURN(const std::string id, CaseIdOf(name, "name"));
  XXT_ASSIGN_OR_RETURN(Case found, case_store::LoadForUpdate(session, id));
  XXT_RETURN_IF_ERROR(identity::CheckHall(caller, found.hall, found.name()));
  if (!etag.empty() && etag != EtagOf(found)) return errors::EtagMismatch(found.name());
  return found;
}

absl::StatusOr<Case> LoadOpenForChange(pg::Session& session, const identity::Caller& caller, absl::string_view name,
                                       absl::string_view etag) {
  XXT_ASSIGN_OR_RETURN(Case found, LoadForChange(session, caller, name, etag));
  if (found.state == CaseState::kClosed) {
    return errors::StateForbids(found.name(), "事项已办结", "the case is closed");
  }
  return found;
}

void Save(pg::Session& session, const identity::Caller& caller, Case& changed, absl::string_view event_type,
          std::string summary, absl::Time now) {
  changed.update_time = now;
  case_store::Save(session, changed);
  AppendEvent(session, caller, changed, event_type, std::move(summary), now);
}

void AppendEvent(pg::Session& session, const identity::Caller& caller, const Case& about, absl::string_view event_type,
                 std::string summary, absl::Time now) {
  events::Append(session,
                 {"", std::string(event_type), about.name(), about.hall, caller.subject, std::move(summary), now});
}

std::string EtagOf(const Case& found) { return absl::StrCat(found.version); }

}  // namespace xxt::intake::app
