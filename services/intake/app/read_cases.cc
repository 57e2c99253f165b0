#include "services/intake/app/read_cases.h"

#include <utility>

#include "absl/time/time.h"
#include "common/events/events.h"
#include "common/identifiers/uuid.h"
#include "common/status/errors.h"
#include "common/status/macros.h"
#include "services/intake/app/case_change.h"
#include "services/intake/storage/case_store.h"

namespace xxt::intake::app {
namespace {

std::vector<std::string> WriteKey(const case_store::Key& key) {
  return {absl::FormatTime(absl::RFC3339_full, key.time, absl::UTCTimeZone()), key.id};
}

absl::StatusOr<case_store::Key> ReadKey(const std::vector<std::string>& key) {
  absl::Time time;
  std::string error;
  if (key.size() != 2 || !absl::ParseTime(absl::RFC3339_full, key[0], &time, &error) || !identifiers::IsUuid(key[1])) {
    return errors::PageTokenInvalid();
  }
  return case_store::Key{time, key[1]};
}

}  // namespace

absl::StatusOr<Case> GetCase(pg::Session& session, const identity::Caller& caller, absl::string_view name) {
  XXT_ASSIGN_OR_RETURN(const std::string id, CaseIdOf(name, "name"));
  XXT_ASSIGN_OR_RETURN(Case found, case_store::Load(session, id));
  XXT_RETURN_IF_ERROR(identity::CheckHall(caller, found.hall, found.name()));
  return found;
}

absl::StatusOr<CasePage> ListCases(pg::Session& session, const identity::Caller& caller, const CaseQuery& query) {
  case_store::Filter filter;
  filter.hall = caller.halls.sql().value_or("");
  if (query.hall.has_value()) {
    XXT_RETURN_IF_ERROR(identity::CheckHall(caller, *query.hall, *query.hall));
    filter.hall = *query.hall;
  }
  filter.owner = query.owner;
  filter.display_code = query.display_code;
  filter.states = query.states;
  filter.newest_first = query.newest_first;
  if (!query.after.empty()) {
    XXT_ASSIGN_OR_RETURN(filter.after, ReadKey(query.after));
  }
  filter.limit = query.page_size + 1;  // one more tells whether there is another page
  CasePage page;
  // Before the list, so that a watch repeats rather than misses.
  XXT_ASSIGN_OR_RETURN(const events::Place place, events::Latest(session));
  page.resume_token = place.ToToken();
  XXT_ASSIGN_OR_RETURN(page.cases, case_store::List(session, filter));
  if (page.cases.size() > static_cast<std::size_t>(query.page_size)) {
    page.cases.pop_back();
    page.next_key = WriteKey(case_store::KeyOf(filter, page.cases.back()));
  }
  return page;
}

}  // namespace xxt::intake::app
