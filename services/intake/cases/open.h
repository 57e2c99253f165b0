#ifndef XXT_SERVICES_INTAKE_CASES_OPEN_H_
#define XXT_SERVICES_INTAKE_CASES_OPEN_H_

#include "absl/status/status.h"
#include "common/store/tx.h"
#include "services/intake/cases/cases.h"
#include "services/intake/cases/policy_rules.h"
#include "services/intake/cases/serials.h"
#include "services/intake/hall/duty_cache.h"
#include "xixinting/intake/v1/case_service.pb.h"

// Opening a case. Who is on duty is asked once a second; everything else rides
// along with the commit.
namespace xxt::intake::cases {

// What opening a case needs besides its input.
struct Opening {
  Serials& serials;
  hall::DutyCache& duties;
  const Policy& policy;
};

// Opens the case that a counter hands over, for the officer on duty.
// Errors: FIELD_INVALID (parties), RESOURCE_NOT_FOUND (hall), OTHER_HALL, NOBODY_ON_DUTY.
absl::Status HandOff(const Opening& opening, Tx& tx, const v1::HandOffFromCounterRequest& request,
                     v1::HandOffFromCounterResponse& response);

// Opens `created`, which came by a system of the district and is what that said, for the officer on duty. Same errors.
absl::Status OpenFromAfar(const Opening& opening, Tx& tx, v1::Case& created, v1::Ticket& ticket);

// Opens a case that no counter handed over, for the caller if an officer, else
// for the officer on duty. Same errors.
absl::Status Create(const Opening& opening, Tx& tx, const v1::CreateCaseRequest& request, v1::Case& created);

}  // namespace xxt::intake::cases

#endif  // XXT_SERVICES_INTAKE_CASES_OPEN_H_
