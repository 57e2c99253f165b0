#ifndef XXT_SERVICES_NOTIFICATION_APP_CREATE_MESSAGE_H_
#define XXT_SERVICES_NOTIFICATION_APP_CREATE_MESSAGE_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/identity/caller.h"
#include "common/pg/session.h"
#include "services/notification/domain/catalogue.h"
#include "services/notification/domain/message.h"
#include "services/notification/domain/sending_policy.h"
#include "services/notification/peers/intake_client.h"

namespace xxt::notification::app {

// What to tell whom.
struct NewMessage {
  std::string event;
  std::string audience;
  std::string case_id;
  std::string hall;
  std::string topic;
  std::int64_t revision = 0;
  Recipient recipient;
  std::string template_id;
  Parameters parameters;
};

// The message with its words and first channel; stores and sends nothing.
// Errors: OTHER_HALL, FIELD_INVALID (event or audience of another case),
// NOT_FOUND (template), TEMPLATE_PARAMETER_INVALID.
absl::StatusOr<Message> PreviewMessage(const Catalogue& catalogue, const SendingPolicy& policy,
                                       const identity::Caller& caller, const NewMessage& input, absl::Time now);

// Checks that the case exists, belongs to the message's hall and has the
// audience among its parties, where the caller is not the service that keeps the
// cases. Asks intake: not for use inside a transaction that holds a connection.
// Errors: OTHER_HALL, RESOURCE_NOT_FOUND, FIELD_INVALID, PEER_UNAVAILABLE.
absl::Status CheckCase(IntakeClient& intake, const identity::Caller& caller, const NewMessage& input,
                       SteadyTime deadline);

// Stores the message with what sends it: a text message, or a call. If the
// same was told to this audience for this event before, answers that message.
// Of a topic only the latest revision is told: what was not told yet of an
// earlier one is withdrawn, and an earlier one that comes late is not told.
// Errors: as PreviewMessage, and RESOURCE_EXISTS: the event was told to this
// audience in other words, from another hall, or to another telephone.
absl::StatusOr<Message> CreateMessage(pg::Session& session, const Catalogue& catalogue, const SendingPolicy& policy,
                                      const identity::Caller& caller, const NewMessage& input, absl::Time now);

}  // namespace xxt::notification::app

#endif  // XXT_SERVICES_NOTIFICATION_APP_CREATE_MESSAGE_H_
