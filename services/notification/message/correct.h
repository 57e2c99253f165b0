#ifndef XXT_SERVICES_NOTIFICATION_MESSAGE_CORRECT_H_
#define XXT_SERVICES_NOTIFICATION_MESSAGE_CORRECT_H_

#include "absl/status/status.h"
#include "common/store/tx.h"
#include "services/notification/message/create.h"
#include "xixinting/notification/v1/message.pb.h"

namespace xxt::notification::message {

// CorrectRecipient: lets every message of the case to the audience that is not over be
// told to the recipient from now on, unless it knows as high a revision. What the gateway
// may have is not taken back; told again, it is told to them. Of whom nothing is to be
// told any more it is kept back, and told after all when that is taken back.
absl::Status CorrectRecipient(const Making& with, Tx& tx, const v1::CorrectRecipientRequest& request,
                              v1::CorrectRecipientResponse&);

}  // namespace xxt::notification::message

#endif  // XXT_SERVICES_NOTIFICATION_MESSAGE_CORRECT_H_
