#ifndef XXT_SERVICES_INTAKE_CLOSING_FOLLOW_UP_H_
#define XXT_SERVICES_INTAKE_CLOSING_FOLLOW_UP_H_

#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/store/tx.h"
#include "services/intake/cases/cases.h"
#include "services/intake/cases/policy_rules.h"
#include "services/intake/closing/closure_rules.h"
#include "xixinting/intake/v1/contact.pb.h"

// The call after the closing.
namespace xxt::intake::follow_up {

// Queues the call that a case gets which is being closed. Errors: RESOURCE_NOT_FOUND (hall).
absl::Status Schedule(const Policy& policy, Tx& tx, const v1::Case& closed);

// Takes back the one that waits, for the case is opened again.
absl::Status Overtake(Tx& tx, const v1::Case& about);

// What the rules want to know of a contact.
ContactFact FactOf(const v1::Contact& contact);

// Whether the contact `name` of `about` shows that the person was reached, or tried in vain, since then.
// Errors: RESOURCE_NOT_FOUND, FIELD_INVALID naming `field`.
absl::Status CheckContact(Tx& tx, const v1::Case& about, const std::string& name, absl::Time since, bool reached,
                          const char* field);

}  // namespace xxt::intake::follow_up

#endif  // XXT_SERVICES_INTAKE_CLOSING_FOLLOW_UP_H_
