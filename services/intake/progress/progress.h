#ifndef XXT_SERVICES_INTAKE_PROGRESS_PROGRESS_H_
#define XXT_SERVICES_INTAKE_PROGRESS_PROGRESS_H_

#include <string>

#include "common/store/tx.h"
#include "services/intake/cases/cases.h"
#include "xixinting/intake/v1/progress.pb.h"

namespace xxt::intake::progress {

// A new code with which `party`, whose telephone has a proof (ProofOf), follows the case `about`, which this
// transaction has locked or made. It is said this once; `made` is what is kept of it.
std::string GiveCode(Tx& tx, const v1::Case& about, const v1::Party& party, v1::ProgressCode& made);

}  // namespace xxt::intake::progress

#endif  // XXT_SERVICES_INTAKE_PROGRESS_PROGRESS_H_
