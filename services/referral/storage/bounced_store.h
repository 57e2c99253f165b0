#ifndef XXT_SERVICES_REFERRAL_STORAGE_BOUNCED_STORE_H_
#define XXT_SERVICES_REFERRAL_STORAGE_BOUNCED_STORE_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/pg/session.h"

// Mail addresses of the directory from which a mail came back for good, until
// somebody has verified them. Another address in the directory is none of them.
namespace xxt::referral::bounced_store {

// Queues the note.
void Note(pg::Session& session, absl::string_view body_id, absl::string_view unit, absl::string_view address,
          absl::Time now);

absl::StatusOr<bool> Has(pg::Session& session, absl::string_view body_id, absl::string_view unit,
                         absl::string_view address);

// Queues the removal of the note on this address.
void Forget(pg::Session& session, absl::string_view body_id, absl::string_view unit, absl::string_view address);

}  // namespace xxt::referral::bounced_store

#endif  // XXT_SERVICES_REFERRAL_STORAGE_BOUNCED_STORE_H_
