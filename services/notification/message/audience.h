#ifndef XXT_SERVICES_NOTIFICATION_MESSAGE_AUDIENCE_H_
#define XXT_SERVICES_NOTIFICATION_MESSAGE_AUDIENCE_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "common/store/tx.h"

// How often a party was corrected, as intake has told here. Whoever asks intake whether a party may be told holds
// nothing meanwhile, so that the party may be corrected between the answer and the message. By hand, for it is no
// resource.
namespace xxt::notification::message::audience {

// Queues the note that it was corrected so often. From here on, until this transaction ends, nobody makes a message to
// it by an answer of intake: who did before is seen by what this transaction reads from now on.
void Correct(Tx& tx, const std::string& name, std::int64_t revision);

// Whether `seen`, of intake's answer, is as new as what is known here; if so, it stays that until this transaction
// ends. Errors: STORE_CONFLICT: intake is to be asked again.
absl::Status CheckSeen(Tx& tx, const std::string& name, std::int64_t seen);

}  // namespace xxt::notification::message::audience

#endif  // XXT_SERVICES_NOTIFICATION_MESSAGE_AUDIENCE_H_
