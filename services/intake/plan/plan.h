#ifndef XXT_SERVICES_INTAKE_PLAN_PLAN_H_
#define XXT_SERVICES_INTAKE_PLAN_PLAN_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/store/tx.h"
#include "services/intake/cases/cases.h"

namespace xxt::intake::plan {

// What the people of the case `about` are to do now: the titles of the open steps of its plan that are a party's.
absl::StatusOr<std::vector<std::string>> StepsOfParties(Tx& tx, const std::string& about);

// Sets the times of the open steps again, which have come in silence while the case was closed.
absl::Status Resume(Tx& tx, const v1::Case& reopened);

}  // namespace xxt::intake::plan

#endif  // XXT_SERVICES_INTAKE_PLAN_PLAN_H_
