#ifndef XXT_SERVICES_INTAKE_CASES_TELL_H_
#define XXT_SERVICES_INTAKE_CASES_TELL_H_

#include <cstdint>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/edge/slice.h"
#include "common/pg/pool.h"
#include "common/store/tx.h"
#include "common/tasks/task.h"
#include "services/intake/cases/cases.h"
#include "services/intake/cases/notification_peer.h"

namespace xxt::intake::cases {

inline constexpr char kTellKind[] = "case.tell";

// Whether they are kin, and the person has agreed that they are told of it.
bool IsToldOf(const v1::Party& party, v1::Party::Topic topic);

// A value that goes into the words of a message, as their template calls it.
// Nothing personal: whom to tell, and what can be read from the case and its
// hall, is added when it is told.
messages::Parameter Named(absl::string_view name, absl::string_view text);
messages::Parameter Named(absl::string_view name, std::int64_t number);
messages::Parameter Named(absl::string_view name, absl::CivilDay date);
messages::Parameter Named(absl::string_view name, absl::Time time);

// Queues telling the applicant of `about` what happened ("received"), in the words
// of a template ("case-received"). Each event of a case is told once. Kin whose scope covers it
// are told that there is news (kin_scope.proto).
// `of_referral`: whose last day the words name; empty: they name none.
void TellApplicant(Tx& tx, const v1::Case& about, absl::string_view template_id, absl::string_view event,
                   std::vector<messages::Parameter> parameters = {}, absl::string_view of_referral = "");

// The machine's kind "case.tell": looks up the applicant, the officer and the
// hall, and hands the message to the notification service, unless the case has
// moved on (telling_rules.h). What is refused for good, or never gets through,
// becomes a task of the hall's people.
// All references must outlive the result.
tasks::MachineKind TellKind(const edge::Host& host, pg::Pool& pool, Notification& notification);

}  // namespace xxt::intake::cases

#endif  // XXT_SERVICES_INTAKE_CASES_TELL_H_
