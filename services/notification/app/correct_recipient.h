#ifndef XXT_SERVICES_NOTIFICATION_APP_CORRECT_RECIPIENT_H_
#define XXT_SERVICES_NOTIFICATION_APP_CORRECT_RECIPIENT_H_

#include <string>

#include "absl/status/status.h"
#include "services/notification/app/outcomes.h"
#include "services/notification/domain/catalogue.h"
#include "services/notification/domain/message.h"

namespace xxt::notification::app {

// Lets every message of the case to `audience` that is not over be told to
// `recipient` from now on, unless it knows as high a revision. What the gateway
// may have is not taken back; told again, it is told to them.
absl::Status CorrectRecipient(const Context& context, const Catalogue& catalogue, const std::string& case_id,
                              const std::string& audience, const Recipient& recipient);

}  // namespace xxt::notification::app

#endif  // XXT_SERVICES_NOTIFICATION_APP_CORRECT_RECIPIENT_H_
