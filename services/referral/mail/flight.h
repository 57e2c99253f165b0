#ifndef XXT_SERVICES_REFERRAL_MAIL_FLIGHT_H_
#define XXT_SERVICES_REFERRAL_MAIL_FLIGHT_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/pg/session.h"

// Mails that the mail system may have without our knowing. A mail is known by
// its task, who gave it out by the fence of the attempt.
namespace xxt::referral::flight {

// Notes that attempt `fence` is about to give out the mail, unless another one
// was; returns whose note there is now.
absl::StatusOr<std::int64_t> Begin(pg::Session& session, absl::string_view task, std::int64_t fence);

// Whose note there is; 0 if none.
absl::StatusOr<std::int64_t> Get(pg::Session& session, absl::string_view task);

// Queues the end of the note, if it is of `fence`: the mail system does not
// have the mail from this attempt.
void TakeBack(pg::Session& session, absl::string_view task, std::int64_t fence);

// Queues the end of anybody's note: the ledger says now what is known.
void End(pg::Session& session, absl::string_view task);

}  // namespace xxt::referral::flight

#endif  // XXT_SERVICES_REFERRAL_MAIL_FLIGHT_H_
