#ifndef XXT_SERVICES_INTAKE_PAPER_LADDER_H_
#define XXT_SERVICES_INTAKE_PAPER_LADDER_H_

#include "absl/status/status.h"
#include "common/store/tx.h"
#include "services/intake/cases/cases.h"
#include "xixinting/intake/v1/paper.pb.h"

// Whether a paper is needed at all: asked before anybody seeks it.
namespace xxt::intake::paper {

// Writes down a verdict on one ground; one that spares the paper makes it NOT_NEEDED. Errors: STATE_FORBIDS (it is
// there, not needed, or was weighed too often).
absl::Status WeighGround(Tx& tx, const v1::WeighGroundRequest& request, v1::Paper& weighed);
// Keeps which grounds were open when the search for it was allowed. Errors: STATE_FORBIDS (it is not NEEDED),
// FIELD_INVALID (reason, while any is open).
absl::Status AllowSearch(Tx& tx, const v1::AllowSearchRequest& request, v1::Paper& sought);

}  // namespace xxt::intake::paper

#endif  // XXT_SERVICES_INTAKE_PAPER_LADDER_H_
