#ifndef XXT_SERVICES_INTAKE_CONTACT_CONTACT_H_
#define XXT_SERVICES_INTAKE_CONTACT_CONTACT_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/store/tx.h"
#include "services/intake/domain/case.h"
#include "xixinting/intake/v1/contact.pb.h"

// The contact log. Append-only: the service's role may not change a row.
namespace xxt::intake::contact {

namespace v1 = ::xixinting::intake::v1;

// Queues `made` as a new line of the log of `about`, and counts it there: a case
// that this transaction has loaded for update, so that lines are numbered as they
// commit, and saves after this. An occur_time that is not set is now.
void Write(Tx& tx, Case& about, v1::Contact& made);

// What closing looks at of the contact `name` of `about`.
// Errors: RESOURCE_NOT_FOUND, also for a contact of another case.
absl::StatusOr<ContactFact> FactOf(Tx& tx, const Case& about, absl::string_view name);

// The use case of LogContact. Errors: FIELD_INVALID, RESOURCE_NOT_FOUND, OTHER_HALL.
absl::Status Log(Tx& tx, const v1::LogContactRequest& request, v1::Contact& made);

}  // namespace xxt::intake::contact

#endif  // XXT_SERVICES_INTAKE_CONTACT_CONTACT_H_
