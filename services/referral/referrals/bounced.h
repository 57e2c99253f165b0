#ifndef XXT_SERVICES_REFERRAL_REFERRALS_BOUNCED_H_
#define XXT_SERVICES_REFERRAL_REFERRALS_BOUNCED_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/edge/slice.h"
#include "common/pg/session.h"
#include "common/store/tx.h"
#include "common/tasks/task.h"
#include "services/referral/body/contact_rules.h"
#include "xixinting/common/v1/common.pb.h"
#include "xixinting/referral/v1/body.pb.h"

// Mail addresses of the directory from which a mail came back for good, and numbers at which
// the body is not, until somebody has verified them. Another one in the directory is none of them.
namespace xxt::referral::bounced {

namespace v1 = ::xixinting::referral::v1;

absl::StatusOr<bool> Has(pg::Session& session, const v1::Body& body, const v1::Unit& unit, absl::string_view address);

// Queues the note, and a task for the people of `desk_hall`, who keep the
// directory, to verify the address.
void Note(Tx& tx, const v1::Body& body, const v1::Unit& unit, const std::string& address, const std::string& desk_hall);
// The same of the office's number, for the people of `hall`, who found that it is wrong.
void NoteNumber(Tx& tx, const v1::Body& body, const v1::Unit& unit, const std::string& number, const std::string& hall);

// Queues the task for the people of `hall` to verify how the unit is reached by `channel`, due at `due`, if nobody has
// for long: one for each contact, and none while one of the above is open.
absl::Status AlarmStale(Tx& tx, const ContactPolicy& policy, const v1::Body& body, const v1::Unit& unit,
                        ::xixinting::common::v1::Channel channel, const std::string& hall, absl::Time due);
// That task. What was verified says so in the directory; PutBody by the district ends it, too.
tasks::DeskKind StaleKind(const edge::Host& host);

// The task of Note and NoteNumber. Whether the directory was put right or was right all along: it is
// written to again. Another address that has bounced since is another task.
tasks::DeskKind VerifyKind(const edge::Host& host);

}  // namespace xxt::referral::bounced

#endif  // XXT_SERVICES_REFERRAL_REFERRALS_BOUNCED_H_
