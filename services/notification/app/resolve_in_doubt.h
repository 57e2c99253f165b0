#ifndef XXT_SERVICES_NOTIFICATION_APP_RESOLVE_IN_DOUBT_H_
#define XXT_SERVICES_NOTIFICATION_APP_RESOLVE_IN_DOUBT_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/identity/caller.h"
#include "services/notification/app/outcomes.h"
#include "services/notification/domain/message.h"

namespace xxt::notification::app {

// What a person found out about a message in doubt, or wants.
enum class Resolution {
  kReceived,   // the resident has it
  kSendAgain,  // with a new key; it may arrive twice
  kCall,       // a person calls instead
};

// "RECEIVED", "SEND_AGAIN", "CALL".
absl::string_view NameOf(Resolution resolution);

// Stores the decision of context.actor and does what it asks for, on a message
// loaded for update. The caller saves it.
// Errors: STATE_FORBIDS (not in doubt).
absl::Status Resolve(const Context& context, Message& message, Resolution resolution, const std::string& note);

// The same for a message by its id.
// Errors: NOT_FOUND, OTHER_HALL, STATE_FORBIDS.
absl::StatusOr<Message> ResolveInDoubt(const Context& context, const identity::Caller& caller, absl::string_view id,
                                       Resolution resolution, const std::string& note);

}  // namespace xxt::notification::app

#endif  // XXT_SERVICES_NOTIFICATION_APP_RESOLVE_IN_DOUBT_H_
