#ifndef XXT_SERVICES_NOTIFICATION_MESSAGE_CREATE_H_
#define XXT_SERVICES_NOTIFICATION_MESSAGE_CREATE_H_

#include "absl/status/status.h"
#include "common/store/tx.h"
#include "services/notification/message/intake_peer.h"
#include "services/notification/message/sending_policy_rules.h"
#include "services/notification/template/catalogue.h"
#include "xixinting/notification/v1/message.pb.h"

namespace xxt::notification::message {

namespace v1 = ::xixinting::notification::v1;

// What messages are made of, besides what callers say.
struct Making {
  const Catalogue& catalogue;
  const SendingPolicy& policy;
  IntakeClient& intake;
};

// CreateMessage: stores the message with what sends it: a text message, an e-mail, a
// letter, or a call. If the same was told to this audience for this event before, responds with that message.
// Of a topic only the latest revision is told: what was not told yet of an
// earlier one is withdrawn, and an earlier one that comes late is not told.
//
// Whoever does not keep the cases has them looked up: that the case exists, belongs to
// the message's hall and has the audience among its parties. Intake is asked before
// anything else, so that no connection is held meanwhile; if the audience was corrected
// since its answer, as when a death was recorded, nothing is made.
// Errors: OTHER_HALL, FIELD_INVALID (event or audience of another case),
// RESOURCE_NOT_FOUND (case, template), TEMPLATE_PARAMETER_INVALID, PEER_UNAVAILABLE,
// STORE_CONFLICT (corrected since intake's answer);
// RESOURCE_EXISTS: the event was told to this audience in other words, from another
// hall, or to somebody reached otherwise.
absl::Status Create(const Making& with, Tx& tx, const v1::CreateMessageRequest& request, v1::Message& made);

// Tells what was kept back, if it is still true: as if it were made now. It is locked, and saved by whoever calls.
void TellAfterAll(const Making& with, Tx& tx, v1::Message& message);

// PreviewMessage: the message with its words and first channel; stores and sends
// nothing, and asks nobody. Errors: those of the message itself.
absl::Status Preview(const Making& with, Tx& tx, const v1::PreviewMessageRequest& request,
                     v1::PreviewMessageResponse& response);

}  // namespace xxt::notification::message

#endif  // XXT_SERVICES_NOTIFICATION_MESSAGE_CREATE_H_
