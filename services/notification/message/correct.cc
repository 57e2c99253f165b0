#include "services/notification/message/correct.h"

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/edge/noun.h"
#include "common/events/events.h"
#include "services/notification/message/message.h"
#include "services/notification/message/outcomes.h"
#include "services/notification/message/recipient.h"
#include "services/notification/message/way.h"
#include "services/notification/message/words.h"

namespace xxt::notification::message {
namespace {

// Of an audience, what is not over and knows less. By id: who changes several locks
// them in this order. A case has few messages.
constexpr pg::Statement kUncorrected{"message.uncorrected", R"sql(
  SELECT id FROM notification.messages
   WHERE case_name = $1 AND audience = $2 AND known_revision < $3 AND state NOT IN (2, 5, 6) ORDER BY id)sql"};
static_assert(v1::Message::STATE_DELIVERED == 2 && v1::Message::STATE_NOT_REACHED == 5 &&
              v1::Message::STATE_SUPPRESSED == 6);

}  // namespace

absl::Status CorrectRecipient(const Making& with, Tx& tx, const v1::CorrectRecipientRequest& request,
                              v1::CorrectRecipientResponse&) {
  v1::Recipient right = request.recipient();
  XXT_RETURN_IF_ERROR(CheckPreferred(right, "recipient"));
  FillIn(&right);
  XXT_ASSIGN_OR_RETURN(const pg::Result rows, tx.session.Run(kUncorrected, request.case_name(), request.audience(),
                                                             std::int64_t{right.revision()}));
  std::vector<std::string> names;
  for (int i = 0; i < rows.size(); ++i) names.push_back(absl::StrCat("messages/", rows[i].View(0)));
  for (const std::string& name : names) events::QueueTurn(tx.session, name);
  for (const std::string& name : names) {
    XXT_ASSIGN_OR_RETURN(v1::Message message, Lock(tx, name));
    // As it is under the lock.
    if (IsOver(message.state()) || message.known_revision() >= right.revision()) continue;
    *message.mutable_correction()->mutable_words() = WordsFor(with.catalogue, message, right);
    *message.mutable_correction()->mutable_recipient() = right;
    message.set_known_revision(right.revision());
    Readdress({tx, with.policy}, message);
    Save(tx, message);
  }
  return absl::OkStatus();
}

}  // namespace xxt::notification::message
