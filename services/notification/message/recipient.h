#ifndef XXT_SERVICES_NOTIFICATION_MESSAGE_RECIPIENT_H_
#define XXT_SERVICES_NOTIFICATION_MESSAGE_RECIPIENT_H_

#include <string>

#include "services/notification/message/delivery.h"
#include "xixinting/notification/v1/message.pb.h"

// Whom a message is for. Personal data.
namespace xxt::notification::message {

// Fills in what a caller leaves open: the language.
void FillIn(v1::Recipient* recipient);

// What a text message is sent to, "+8613800000001"; empty if the recipient has no
// number, or it cannot be read (row.h).
std::string NumberOf(const v1::Recipient& recipient);

// Whether both are reached in the same way. How often they had been corrected says
// nothing of that.
bool IsSame(const v1::Recipient& one, const v1::Recipient& other);

// Adds "138****0001" for callers, who are not shown the number.
void Mask(v1::Recipient* recipient);

// Puts the correction in the place of the recipient and the words, if there is one
// that can be read.
void TakeCorrection(v1::Message& message);

}  // namespace xxt::notification::message

#endif  // XXT_SERVICES_NOTIFICATION_MESSAGE_RECIPIENT_H_
