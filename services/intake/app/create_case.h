#ifndef XXT_SERVICES_INTAKE_APP_CREATE_CASE_H_
#define XXT_SERVICES_INTAKE_APP_CREATE_CASE_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/identity/caller.h"
#include "common/pg/session.h"
#include "common/seal/seal.h"
#include "services/intake/domain/case.h"
#include "services/intake/domain/policy.h"
#include "services/intake/hall/duty_cache.h"
#include "services/intake/storage/serials.h"

// Opening a case. Who is on duty is asked once a second; everything else rides
// along with the commit.
namespace xxt::intake::app {

// What opening a case needs besides its input.
struct Opening {
  Serials& serials;
  hall::DutyCache& duties;
  const Policy& policy;
  const seal::Keyring& keys;
  SteadyTime deadline = SteadyTime::InfiniteFuture();  // the call's

  Opening By(SteadyTime time) const { return {serials, duties, policy, keys, time}; }
};

// What the person takes along to the window.
struct Ticket {
  std::string display_code;
  std::string hall_title;
  std::string owner;
  std::string owner_display_name;
  std::string phone_number;
  bool later = false;
  absl::Time attend_time;
};

struct HandedOff {
  Ticket ticket;
  Case created;
};

// Opens the case that a counter hands over, for the officer on duty. Of
// `input`, what a client may set is read; parties have no ids yet.
// Errors: RESOURCE_NOT_FOUND (hall), OTHER_HALL, NOBODY_ON_DUTY.
absl::StatusOr<HandedOff> HandOffFromCounter(pg::Session& session, const identity::Caller& caller, const Case& input,
                                             const HandOff& hand_off, const Opening& opening, absl::Time now);

// Opens a case that no counter handed over, for the caller if an officer, else
// for the officer on duty. Same errors.
absl::StatusOr<Case> CreateCase(pg::Session& session, const identity::Caller& caller, const Case& input,
                                const Opening& opening, absl::Time now);

}  // namespace xxt::intake::app

#endif  // XXT_SERVICES_INTAKE_APP_CREATE_CASE_H_
