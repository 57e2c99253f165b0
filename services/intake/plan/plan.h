#ifndef XXT_SERVICES_INTAKE_PLAN_PLAN_H_
#define XXT_SERVICES_INTAKE_PLAN_PLAN_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/store/tx.h"

namespace xxt::intake::plan {

// What the people of the case `about` are to do now: the titles of the open steps of its plan that are a party's.
absl::StatusOr<std::vector<std::string>> StepsOfParties(Tx& tx, const std::string& about);

}  // namespace xxt::intake::plan

#endif  // XXT_SERVICES_INTAKE_PLAN_PLAN_H_
