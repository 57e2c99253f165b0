#ifndef XXT_SERVICES_NOTIFICATION_MESSAGE_DOUBT_H_
#define XXT_SERVICES_NOTIFICATION_MESSAGE_DOUBT_H_

#include <string>

#include "absl/status/status.h"
#include "common/edge/slice.h"
#include "common/store/table.h"
#include "common/store/tx.h"
#include "common/tasks/task.h"
#include "services/notification/message/sending_policy_rules.h"
#include "xixinting/notification/v1/message.pb.h"

// What people decide about messages, first of all about those in doubt.
namespace xxt::notification::message {

namespace v1 = ::xixinting::notification::v1;

extern const store::Table<v1::Decision> kDecisions;

// Queues what this caller did about the message, which this transaction has locked:
// "REACHED", "SEND_AGAIN", …, and what they noted of it.
void Decide(Tx& tx, const v1::Message& about, std::string outcome, std::string note);

// ResolveInDoubt. Errors: RESOURCE_NOT_FOUND, OTHER_HALL, STATE_FORBIDS (not in doubt).
absl::Status ResolveInDoubt(const SendingPolicy& policy, Tx& tx, const v1::ResolveInDoubtRequest& request,
                            v1::Message& found);

// WithdrawMessage. Errors: RESOURCE_NOT_FOUND, OTHER_HALL, STATE_FORBIDS (over, or somebody may have it).
absl::Status Withdraw(const SendingPolicy& policy, Tx& tx, const v1::WithdrawMessageRequest& request,
                      v1::Message& found);

// The desk's kind "message.in_doubt". Both must outlive it.
tasks::DeskKind InDoubtKind(const edge::Host& host, const SendingPolicy& policy);

}  // namespace xxt::notification::message

#endif  // XXT_SERVICES_NOTIFICATION_MESSAGE_DOUBT_H_
