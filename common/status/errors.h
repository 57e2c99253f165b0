#ifndef XXT_COMMON_STATUS_ERRORS_H_
#define XXT_COMMON_STATUS_ERRORS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

// Every error that a client may act on, as a named constructor. Each carries
// google.rpc.ErrorInfo (reason from xixinting.common.v1.ErrorReason),
// LocalizedMessage in zh-CN, and the detail that fits. The status message is
// the English text. Texts never hold personal data: name fields and
// resources, not values.
namespace xxt::errors {

// Why a field, or a thing that must hold first, is at fault.
struct Violation {
  std::string field;  // path as in the proto, "case.parties[0].resident_id", or what is missing
  std::string zh;     // for people: "身份证号校验位不对"
  std::string en;
};

// INVALID_ARGUMENT, with BadRequest.
absl::Status FieldsInvalid(std::vector<Violation> violations);
absl::Status FieldInvalid(std::string field, std::string zh, std::string en);
absl::Status PageTokenInvalid();
absl::Status RequestIdReused(absl::string_view request_id);

// NOT_FOUND / ALREADY_EXISTS, with ResourceInfo. `type` as in the proto's
// resource option, "intake.xixinting/Case". NOT_FOUND is OTHER_CELL and names
// the cell if the id that the name begins with names another one: such names
// are never here.
absl::Status NotFound(absl::string_view type, absl::string_view name);
absl::Status AlreadyExists(absl::string_view type, absl::string_view name);

// ABORTED.
absl::Status EtagMismatch(absl::string_view name);

// FAILED_PRECONDITION, with PreconditionFailure naming the resource.
absl::Status StateForbids(absl::string_view name, std::string zh, std::string en);
// Nothing personal may be added to `name`: what was there is erased.
absl::Status PersonalDataErased(absl::string_view name);
absl::Status ClosureIncomplete(absl::string_view name, std::vector<Violation> missing);
absl::Status SecondReviewerNeeded(absl::string_view name);
absl::Status LawfulBasisMissing(absl::string_view field);
absl::Status NobodyOnDuty(absl::string_view hall);
absl::Status LeaseLost(absl::string_view task);
// Of a repeat: it was done, and what it would be responded with was erased with
// the people of `root` since.
absl::Status ResponseGone(absl::string_view root);
absl::Status TemplateParameterInvalid(absl::string_view parameter, std::string zh, std::string en);

// OUT_OF_RANGE.
absl::Status ResumeTokenExpired();

// UNAUTHENTICATED / PERMISSION_DENIED.
absl::Status TokenInvalid(absl::string_view why);
absl::Status RoleMissing(absl::string_view method);
absl::Status OtherHall(absl::string_view name);
// The token, from whoever the certificate of the connection names.
absl::Status PeerMismatch();

// RESOURCE_EXHAUSTED / UNAVAILABLE, with RetryInfo.
absl::Status AtCapacity(absl::Duration retry_after);
absl::Status StoreUnavailable(absl::Duration retry_after);
// STORE_UNAVAILABLE, too: it is there, but seal.key_file is not known to be its.
absl::Status SealKeysUnchecked(absl::Duration retry_after);
absl::Status PeerUnavailable(absl::string_view peer, absl::Duration retry_after);

// ABORTED, with RetryInfo: the changes of others met this one at `statement`.
absl::Status StoreConflict(absl::string_view statement, absl::Duration retry_after);

// UNKNOWN: the store may or may not have done it. Repeat with the same
// request_id.
absl::Status OutcomeUnknown();

// DEADLINE_EXCEEDED.
absl::Status DeadlineExceeded(absl::string_view waiting_for);

// `code` without a reason: what is wrong with the files and words that a program
// begins with, before any call.
absl::Status InBothLanguages(absl::StatusCode code, absl::string_view zh, absl::string_view en);

// INTERNAL. `where` names a statement or a step, never a value.
absl::Status Internal(absl::string_view where);
// INTERNAL, too: it is in a state that only a newer version knows, so that nobody
// here can say what may follow it.
absl::Status NewerState(absl::string_view where);

// The reason of a status made here, "ETAG_MISMATCH"; empty for others.
std::string ReasonOf(const absl::Status& status);

// The zh-CN text of a status made here; empty for others.
std::string LocalizedTextOf(const absl::Status& status);

}  // namespace xxt::errors

#endif  // XXT_COMMON_STATUS_ERRORS_H_
