#ifndef XXT_SERVICES_INTAKE_CASES_TOLD_H_
#define XXT_SERVICES_INTAKE_CASES_TOLD_H_

#include "absl/time/time.h"
#include "common/store/tx.h"
#include "services/intake/cases/cases.h"

// That the person of a case was told something, or told us: what no open case is
// long without. Who looks after it is term/.
namespace xxt::intake::cases {

// The one timer of an open case, which looks at its clocks. It finds by itself
// what has changed since it was set; it is called for at once only where
// something ends that is listed.
inline constexpr char kLookKind[] = "case.look";

// Begins the looks at `opened`, whose respond_due_time is set.
void StartLooks(Tx& tx, const v1::Case& opened);

// Notes a word at `when` on the case, which the caller saves. `by_officer`: it is
// a contact of a person with the person, not a message of the machine.
void NoteWord(Tx& tx, v1::Case& about, absl::Time when, bool by_officer);

}  // namespace xxt::intake::cases

#endif  // XXT_SERVICES_INTAKE_CASES_TOLD_H_
