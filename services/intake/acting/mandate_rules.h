#ifndef XXT_SERVICES_INTAKE_ACTING_MANDATE_RULES_H_
#define XXT_SERVICES_INTAKE_ACTING_MANDATE_RULES_H_

#include <optional>

#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "common/status/errors.h"

namespace xxt::intake {

// The article by which nobody can do `matter` for another; empty if none is known. What else must be done in person is
// recorded with the case.
absl::string_view InPersonArticle(absl::string_view matter);

// Whether two names of items may mean the same one: one holds the other. Rather one mandate too few than one that the
// body sends back.
bool MayBeSameMatter(absl::string_view one, absl::string_view other);

// What a mandate says, as far as rules look at it.
struct MandateFacts {
  bool agent_is_principal = false;
  absl::string_view matter = {};
  bool in_person = false;  // recorded with the case
  absl::CivilDay from = {};
  absl::CivilDay to = {};
};

// Returns what is wrong, nothing if the mandate may stand from `today` on.
std::optional<errors::Violation> FindMandateFault(const MandateFacts& facts, absl::CivilDay today);

// Who a mandate depends on. That who gave it cannot act any more does not end it.
struct MandatePeople {
  bool principal_dead = false;
  bool agent_dead = false;
  bool agent_cannot_act = false;
};

// Whether the mandate ends with them (Civil Code 173).
bool EndsWith(const MandatePeople& people);

}  // namespace xxt::intake

#endif  // XXT_SERVICES_INTAKE_ACTING_MANDATE_RULES_H_
