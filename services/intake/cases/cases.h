#ifndef XXT_SERVICES_INTAKE_CASES_CASES_H_
#define XXT_SERVICES_INTAKE_CASES_CASES_H_

#include <google/protobuf/message.h>

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/store/table.h"
#include "common/store/tx.h"
#include "services/intake/cases/policy_rules.h"
#include "xixinting/intake/v1/case.pb.h"
#include "xixinting/intake/v1/case_service.pb.h"

namespace xxt::intake {
namespace v1 = ::xixinting::intake::v1;
}

// Cases, and what the nouns that hang on one need of it: who changes something
// within a case locks it first.
namespace xxt::intake::cases {

// The root of all that belongs to a case.
extern const store::Table<v1::Case> kCases;

// The case that `name` names or lies under, locked for this transaction. `etag`
// may be empty: not checked. Errors: RESOURCE_NOT_FOUND, OTHER_HALL, ETAG_MISMATCH.
absl::StatusOr<v1::Case> Lock(Tx& tx, absl::string_view name, absl::string_view etag = "");
// The same for what needs an open case. Errors: STATE_FORBIDS, too.
absl::StatusOr<v1::Case> LockOpen(Tx& tx, absl::string_view name, absl::string_view etag = "");

// Lock, and the child `name` of `table` as it is under the lock: read after it,
// for a statement that joins the two would see the child as it was before the
// wait. Errors: those of Tx::Load, too.
absl::StatusOr<v1::Case> LockWith(Tx& tx, const store::TableBase& table, absl::string_view name, absl::string_view etag,
                                  google::protobuf::Message* child);

// ListCases: of the caller's halls, without people.
// Errors: PAGE_TOKEN_INVALID, OTHER_HALL, FIELD_INVALID (closed ones in the work list).
absl::Status List(Tx& tx, const v1::ListCasesRequest& request, v1::ListCasesResponse& response);

// FindCases: of the caller's halls, without people; of other halls that there are some.
// Tells who looked. Errors: FIELD_INVALID, PAGE_TOKEN_INVALID, OTHER_HALL.
absl::Status Find(const Policy& policy, Tx& tx, const v1::FindCasesRequest& request, v1::FindCasesResponse& response);

// SetNextAction. Errors: those of CheckActionTime (next_action.h) and LockOpen.
absl::Status SetNext(const Policy& policy, Tx& tx, const v1::SetNextActionRequest& request, v1::Case& found);

// Queues what ends every change of a case: its row, and the event that tells of
// it. `summary` is for people, without personal data.
void Save(Tx& tx, v1::Case& changed, absl::string_view event_type, absl::string_view summary);

// Whether a case is not closed.
bool IsOpen(const v1::Case& found);

// Of the places of Case.corrections, those that are for deaths and for what is taken back: neither waits.
inline constexpr int kKeptCorrections = 50;

// Errors: STATE_FORBIDS: it was a duplicate, and the matter goes on in another case.
absl::Status CheckNotMerged(const v1::Case& found);

// Neither dead nor unable to see to their own matters: they may be asked and told, and decide for themselves.
bool CanAct(const v1::Party& party);

// Who owns the case, and who did before.
std::vector<std::string> OwnersOf(const v1::Case& found);
// The one who came and asked: every case has one.
const v1::Party& ApplicantOf(const v1::Case& found);
// The one called `name`; nullptr if there is none.
const v1::Party* FindParty(const v1::Case& found, absl::string_view name);
// The names of its people; a company's is no secret.
std::vector<std::string> NamesOf(const v1::Case& found);
bool HasParty(const v1::Case& found, absl::string_view name);

}  // namespace xxt::intake::cases

#endif  // XXT_SERVICES_INTAKE_CASES_CASES_H_
