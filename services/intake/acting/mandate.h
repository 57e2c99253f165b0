#ifndef XXT_SERVICES_INTAKE_ACTING_MANDATE_H_
#define XXT_SERVICES_INTAKE_ACTING_MANDATE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/store/tx.h"
#include "services/intake/cases/cases.h"

// Who acts for whom by a signed paper.
namespace xxt::intake::mandate {

// Whether a mandate of the case is in force by which `agent` acts.
absl::StatusOr<bool> ActsBy(Tx& tx, const v1::Case& about, const std::string& agent);

// Looks at every mandate of `about`, which this transaction has locked, after something has become known of its people:
// ends those that end with them, and brings back those that ended by a mistake that was undone.
absl::Status ReviewAll(Tx& tx, const v1::Case& about);

// Asks the owner of a reopened case about the mandates that have expired since it was closed.
absl::Status AskOfExpired(Tx& tx, const v1::Case& reopened, absl::Time closed);

}  // namespace xxt::intake::mandate

#endif  // XXT_SERVICES_INTAKE_ACTING_MANDATE_H_
