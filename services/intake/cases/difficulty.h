#ifndef XXT_SERVICES_INTAKE_CASES_DIFFICULTY_H_
#define XXT_SERVICES_INTAKE_CASES_DIFFICULTY_H_

#include "common/store/tx.h"
#include "services/intake/cases/cases.h"

namespace xxt::intake::cases {

// Queues the rows by which the difficulties of `about` are counted. It was inserted by this transaction, or had none
// there.
void NoteDifficulties(Tx& tx, const v1::Case& about);

}  // namespace xxt::intake::cases

#endif  // XXT_SERVICES_INTAKE_CASES_DIFFICULTY_H_
