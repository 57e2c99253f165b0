#ifndef XXT_SERVICES_INTAKE_TERM_TERM_H_
#define XXT_SERVICES_INTAKE_TERM_TERM_H_

#include <google/protobuf/repeated_field.h>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/edge/slice.h"
#include "common/store/table.h"
#include "common/store/tx.h"
#include "services/intake/cases/cases.h"
#include "services/intake/cases/policy_rules.h"
#include "xixinting/intake/v1/term.pb.h"

// The terms of a case, and the two clocks that every case has.
namespace xxt::intake::term {

extern const store::Table<v1::Term> kTerms;

using Terms = google::protobuf::RepeatedPtrField<v1::Term>;
// All terms of `about`, which this transaction has locked; each may be saved.
absl::StatusOr<Terms> LoadAll(Tx& tx, const v1::Case& about);

// Queues a new term of `about`, which this transaction has locked: gives it its
// name, hall and author.
void Add(Tx& tx, const v1::Case& about, v1::Term& made);

// Queues that what `it` is for was done at `when`, in time or late, and that
// nobody is asked for it any more.
void Meet(Tx& tx, v1::Term& it, absl::Time when);

// Queues that a case, which this transaction has locked, was closed: nothing of it
// runs any more.
absl::Status MeetAll(Tx& tx, const v1::Case& closed);

// The desk's task about a case of whose person nobody has spoken for long; its
// subject is the term.
inline constexpr char kCaseSilentKind[] = "case.silent";

// The machine's kind cases::kLookKind: looks at the clocks of a case, has the
// person told that nothing is new before the month is over, lists what was broken
// and asks the owner. `host` and `policy` outlive the result.
tasks::MachineKind LookKind(const edge::Host& host, const Policy& policy);

}  // namespace xxt::intake::term

#endif  // XXT_SERVICES_INTAKE_TERM_TERM_H_
