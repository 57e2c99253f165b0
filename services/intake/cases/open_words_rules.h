#ifndef XXT_SERVICES_INTAKE_CASES_OPEN_WORDS_RULES_H_
#define XXT_SERVICES_INTAKE_CASES_OPEN_WORDS_RULES_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace xxt::intake {

// What lists, tasks and the ledger of events show of a case must not say who it is about: it is not sealed.

// Whether one of the people's `names` stands in it.
bool NamesPeople(absl::string_view text, const std::vector<std::string>& names);

// Whether what lists and events show would tell who it is about: one of the people's `names`, or a number as long as a
// telephone's. Systems make titles out of forms, and people write anything into those.
bool TellsOfPeople(absl::string_view text, const std::vector<std::string>& names);

}  // namespace xxt::intake

#endif  // XXT_SERVICES_INTAKE_CASES_OPEN_WORDS_RULES_H_
