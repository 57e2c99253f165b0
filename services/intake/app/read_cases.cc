#include "services/intake/app/read_cases.h"

#include <cstddef>

#include "common/events/events.h"
#include "common/status/macros.h"
#include "services/intake/app/case_change.h"
#include "services/intake/storage/case_store.h"

namespace xxt::intake::app {

absl::StatusOr<Case> GetCase(pg::Session& session, const identity::Caller& caller, absl::string_view name) {
  XXT_ASSIGN_OR_RETURN(const std::string id, CaseIdOf(name, "name"));
  XXT_ASSIGN_OR_RETURN(Case found, case_store::Load(session, id));
  XXT_RETURN_IF_ERROR(identity::CheckHall(caller, found.hall, found.name()));
  return found;
}

absl::StatusOr<CasePage> ListCases(pg::Session& session, const identity::Caller& caller, const CaseQuery& query) {
  case_store::Filter filter;
  filter.halls = caller.halls;
  if (query.hall.has_value()) {
    XXT_RETURN_IF_ERROR(identity::CheckHall(caller, *query.hall, *query.hall));
    filter.halls = identity::HallScope::One(*query.hall);
  }
  filter.owner = query.owner;
  filter.display_code = query.display_code;
  filter.states = query.states;
  filter.newest_first = query.newest_first;
  if (!query.after.empty()) {
    filter.after = case_store::Key{paging::TimeOf(query.after[0]), query.after[1]};
  }
  filter.limit = query.page_size + 1;  // one more tells whether there is another page
  CasePage page;
  // Before the list, so that a watch repeats rather than misses.
  XXT_ASSIGN_OR_RETURN(const events::Place place, events::Latest(session));
  page.resume_token = place.ToToken();
  XXT_ASSIGN_OR_RETURN(page.cases, case_store::List(session, filter));
  if (page.cases.size() > static_cast<std::size_t>(query.page_size)) {
    page.cases.pop_back();
    const case_store::Key last = case_store::KeyOf(filter, page.cases.back());
    page.next_key = {paging::PartOf(last.time), last.id};
  }
  return page;
}

}  // namespace xxt::intake::app
