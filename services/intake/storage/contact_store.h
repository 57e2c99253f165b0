#ifndef XXT_SERVICES_INTAKE_STORAGE_CONTACT_STORE_H_
#define XXT_SERVICES_INTAKE_STORAGE_CONTACT_STORE_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/pg/session.h"
#include "services/intake/domain/case.h"

// The contact log. Append-only: the service's role may not change a row.
namespace xxt::intake::contact_store {

// Queues the insert. The case must be locked, so that contacts are numbered in
// the order they commit.
void Insert(pg::Session& session, const Contact& contact);

// Errors: NOT_FOUND, also for a contact of another case.
absl::StatusOr<Contact> Load(pg::Session& session, absl::string_view case_id, absl::string_view id);

// Contacts of a case in the order of writing, after `after`, at most `limit`.
absl::StatusOr<std::vector<Contact>> List(pg::Session& session, absl::string_view case_id, std::int64_t after,
                                          int limit);

}  // namespace xxt::intake::contact_store

#endif  // XXT_SERVICES_INTAKE_STORAGE_CONTACT_STORE_H_
