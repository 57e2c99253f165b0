#ifndef XXT_SERVICES_INTAKE_APP_READ_CASES_H_
#define XXT_SERVICES_INTAKE_APP_READ_CASES_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/identity/caller.h"
#include "common/paging/page_token.h"
#include "common/pg/session.h"
#include "services/intake/domain/case.h"

namespace xxt::intake::app {

// Errors: FIELD_INVALID (name), RESOURCE_NOT_FOUND, OTHER_HALL.
absl::StatusOr<Case> GetCase(pg::Session& session, const identity::Caller& caller, absl::string_view name);

// What to list; as ListCasesRequest says.
struct CaseQuery {
  std::optional<std::string> hall;  // unset: those the caller may see
  std::string owner;
  std::string display_code;
  std::vector<CaseState> states;
  bool newest_first = false;
  paging::Key after;  // where the page before ended, its next_key; empty: the first page
  int page_size = 50;
};

struct CasePage {
  std::vector<Case> cases;   // without parties and summary
  paging::Key next_key;      // empty on the last page
  std::string resume_token;  // a watch from here misses nothing that the page does not show
};

// Errors: OTHER_HALL.
absl::StatusOr<CasePage> ListCases(pg::Session& session, const identity::Caller& caller, const CaseQuery& query);

}  // namespace xxt::intake::app

#endif  // XXT_SERVICES_INTAKE_APP_READ_CASES_H_
