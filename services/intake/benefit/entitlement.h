#ifndef XXT_SERVICES_INTAKE_BENEFIT_ENTITLEMENT_H_
#define XXT_SERVICES_INTAKE_BENEFIT_ENTITLEMENT_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "common/store/tx.h"
#include "services/intake/cases/cases.h"
#include "xixinting/intake/v1/benefit.pb.h"
#include "xixinting/intake/v1/entitlement.pb.h"

namespace xxt::intake::benefit {

// What `party` of `about`, or the household if it is empty, may be entitled to on `day` by the rules of `catalogue`. No
// fact of another party is read.
absl::StatusOr<v1::Entitlement> FindEntitlement(Tx& tx, const v1::Case& about, const std::string& party,
                                                absl::CivilDay day, const std::vector<v1::Benefit>& catalogue);

}  // namespace xxt::intake::benefit

#endif  // XXT_SERVICES_INTAKE_BENEFIT_ENTITLEMENT_H_
