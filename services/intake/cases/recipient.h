#ifndef XXT_SERVICES_INTAKE_CASES_RECIPIENT_H_
#define XXT_SERVICES_INTAKE_CASES_RECIPIENT_H_

#include <string>
#include <vector>

#include "common/edge/slice.h"
#include "common/pg/pool.h"
#include "common/store/tx.h"
#include "common/tasks/task.h"
#include "services/intake/cases/cases.h"
#include "services/intake/cases/notification_peer.h"
#include "xixinting/common/v1/common.pb.h"

// The notification service keeps a copy of whom a message is for. It is put
// right when the party is.
namespace xxt::intake::cases {

// The party as messages are told to it: goes to the notification service only.
messages::Recipient RecipientOf(const v1::Case& about, const v1::Party& party);

// Whether messages go by this channel, or it says nothing: a party can ask for no other.
bool IsTold(::xixinting::common::v1::Channel channel);

// Queues putting right the copies of a party of which `fields` were corrected,
// if messages hold one of them.
void CorrectRecipient(Tx& tx, const v1::Party& party, const std::vector<std::string>& fields);

// The machine's kind "case.correct_recipient". Each correction has a task of its
// own, which reads the party when it runs; whichever comes last, the highest
// revision stays. A message may still be on its way there with what was read
// before: the task is done once it was heard after all of the case's tellings
// that were under way.
// All references must outlive the result.
tasks::MachineKind CorrectRecipientKind(const edge::Host& host, pg::Pool& pool, Notification& notification);

}  // namespace xxt::intake::cases

#endif  // XXT_SERVICES_INTAKE_CASES_RECIPIENT_H_
