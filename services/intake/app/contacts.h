#ifndef XXT_SERVICES_INTAKE_APP_CONTACTS_H_
#define XXT_SERVICES_INTAKE_APP_CONTACTS_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/identity/caller.h"
#include "common/pg/session.h"
#include "services/intake/domain/case.h"

namespace xxt::intake::app {

// Writes a contact into the log of the case `parent` and counts it, also after
// the case was closed. `input.occur_time` InfinitePast means now.
// Errors: FIELD_INVALID (occur_time in the future), RESOURCE_NOT_FOUND, OTHER_HALL.
absl::StatusOr<Contact> LogContact(pg::Session& session, const identity::Caller& caller, absl::string_view parent,
                                   const Contact& input, absl::Time now);

struct ContactPage {
  std::vector<Contact> contacts;
  std::int64_t next_after = 0;  // 0 on the last page
};

// Errors: FIELD_INVALID (name), RESOURCE_NOT_FOUND, OTHER_HALL.
absl::StatusOr<Contact> GetContact(pg::Session& session, const identity::Caller& caller, absl::string_view name);

// Contacts in the order of writing, after record number `after`.
// Errors: RESOURCE_NOT_FOUND, OTHER_HALL.
absl::StatusOr<ContactPage> ListContacts(pg::Session& session, const identity::Caller& caller, absl::string_view parent,
                                         std::int64_t after, int page_size);

}  // namespace xxt::intake::app

#endif  // XXT_SERVICES_INTAKE_APP_CONTACTS_H_
