#ifndef XXT_SERVICES_INTAKE_CLOSING_DISPUTE_H_
#define XXT_SERVICES_INTAKE_CLOSING_DISPUTE_H_

#include "absl/status/status.h"
#include "common/store/tx.h"
#include "services/intake/cases/cases.h"

// Disputes of a closing, and what they open again.
namespace xxt::intake::dispute {

// Settles the dispute that has opened `closing`, a case that is being closed again; nothing if none has.
absl::Status Settle(Tx& tx, const v1::Case& closing);

}  // namespace xxt::intake::dispute

#endif  // XXT_SERVICES_INTAKE_CLOSING_DISPUTE_H_
