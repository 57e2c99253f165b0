#ifndef XXT_SERVICES_NOTIFICATION_MESSAGE_MESSAGE_H_
#define XXT_SERVICES_NOTIFICATION_MESSAGE_MESSAGE_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/store/table.h"
#include "common/store/tx.h"
#include "services/notification/message/delivery.h"
#include "xixinting/notification/v1/message.pb.h"

// Messages: one thing to tell one person each, and what became of it. A message is
// the root of what hangs on it; who changes one locks it first.
namespace xxt::notification::message {

extern const store::Table<v1::Message> kMessages;

// The message, locked for this transaction. Errors: RESOURCE_NOT_FOUND, OTHER_HALL,
// INTERNAL if it cannot be read.
absl::StatusOr<v1::Message> Lock(Tx& tx, absl::string_view name);

// Queue the row of a message that is new, or was locked and has changed, with those of
// its tries. The only ones that write either.
void Insert(Tx& tx, v1::Message& made);
void Save(Tx& tx, v1::Message& changed);

// Makes of what is stored what is shown: puts in the words, as they were told or are to
// be told now, and a mask in the place of the number. What is shown is not stored again.
void Show(absl::Time now, v1::Message* message);

// Whether nothing but a late receipt may change it.
bool IsOver(v1::Message::State state);

// "messages/{uuid}" → "{uuid}"
absl::string_view IdOf(absl::string_view name);

// ListMessages: of the caller's halls, without people. Errors: PAGE_TOKEN_INVALID.
absl::Status List(Tx& tx, const v1::ListMessagesRequest& request, v1::ListMessagesResponse& response);

}  // namespace xxt::notification::message

#endif  // XXT_SERVICES_NOTIFICATION_MESSAGE_MESSAGE_H_
