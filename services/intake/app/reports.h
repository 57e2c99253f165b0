#ifndef XXT_SERVICES_INTAKE_APP_REPORTS_H_
#define XXT_SERVICES_INTAKE_APP_REPORTS_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/identity/caller.h"
#include "common/pg/session.h"
#include "common/store/tx.h"
#include "services/intake/contact/contact.h"
#include "services/intake/domain/case.h"

// What the other services report of a case. Reports may come twice (the edge
// answers repeats), late, out of order, and after the case was closed.
namespace xxt::intake::app {

// The case's referrals, papers and next action follow, and the person is told
// of what matters to them.
// Errors: FIELD_INVALID (last_safe_day missing), RESOURCE_NOT_FOUND.
absl::Status ReportReferral(pg::Session& session, const identity::Caller& caller, absl::string_view case_name,
                            const ReferralReport& report, absl::Time now);

// What became of a message to the person.
struct MessageReport {
  enum class Kind { kDelivered, kHandedToStaff, kInDoubt, kNotReached };
  std::string message;       // "messages/{uuid}"
  std::int64_t version = 0;  // among the reports of this message, from 1; 0: not said
  Kind kind = Kind::kDelivered;
  ::xixinting::common::v1::Channel channel = ::xixinting::common::v1::CHANNEL_SMS;
  std::string text;  // the words; personal data
  absl::Time occur_time;
};

// Writes it into the contact log. The last report of a message, not the last
// to arrive, moves the next action.
// Errors: RESOURCE_NOT_FOUND.
absl::Status ReportMessage(Tx& tx, absl::string_view case_name, const MessageReport& report);

}  // namespace xxt::intake::app

#endif  // XXT_SERVICES_INTAKE_APP_REPORTS_H_
