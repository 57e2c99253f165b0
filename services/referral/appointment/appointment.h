#ifndef XXT_SERVICES_REFERRAL_APPOINTMENT_APPOINTMENT_H_
#define XXT_SERVICES_REFERRAL_APPOINTMENT_APPOINTMENT_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/store/table.h"
#include "common/store/tx.h"
#include "services/referral/referrals/intake_peer.h"
#include "services/referral/referrals/referrals.h"
#include "xixinting/intake/v1/case.pb.h"
#include "xixinting/referral/v1/appointment.pb.h"

// Appointments, and what all that moves a person needs to know of them.
namespace xxt::referral::appointment {

extern const store::Table<v1::Appointment> kAppointments;

// A task of the machine about an appointment that has another time, or is cancelled, while somebody is to be
// accompanied for the referral: its visits, which are below, are put to a person.
inline constexpr char kVisitsAffectedKind[] = "appointment.visits_affected";

// Whether it is kept or cancelled.
bool IsOver(const v1::Appointment& it);

// The party "cases/…/parties/…" whom the caller wants to send somewhere: of a case that is open and of the caller's
// hall, and alive. Intake is asked, before the store is: no connection waits for it. `at` is what callers call the
// field. Errors: RESOURCE_NOT_FOUND (case, party), OTHER_HALL, STATE_FORBIDS (the case is closed), FIELD_INVALID,
// PEER_UNAVAILABLE.
absl::StatusOr<::xixinting::intake::v1::Party> FindPerson(const Intake& peer, const Tx& tx, const std::string& name,
                                                          const std::string& at);

// FIELD_INVALID unless the party is one of the referral's case.
absl::Status CheckOfCase(const v1::Referral& about, const std::string& party, const std::string& at);

}  // namespace xxt::referral::appointment

#endif  // XXT_SERVICES_REFERRAL_APPOINTMENT_APPOINTMENT_H_
