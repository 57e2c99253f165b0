#ifndef XXT_SERVICES_INTAKE_PAPER_PAPER_H_
#define XXT_SERVICES_INTAKE_PAPER_PAPER_H_

#include "absl/strings/string_view.h"
#include "services/intake/cases/cases.h"

// The papers of a case: found missing, or on the checklist.
namespace xxt::intake::paper {

// The paper of `found` with that title; nullptr if the case has none.
v1::Paper* Find(v1::Case& found, absl::string_view title);

// Adds a paper that the case does not have yet: gives it its id, and the
// referral that is fetching it already, if one is.
v1::Paper& Add(v1::Case& found, v1::Paper paper);

}  // namespace xxt::intake::paper

#endif  // XXT_SERVICES_INTAKE_PAPER_PAPER_H_
