#include "services/notification/message/correct.h"

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/edge/noun.h"
#include "common/events/events.h"
#include "services/notification/message/audience.h"
#include "services/notification/message/message.h"
#include "services/notification/message/outcomes.h"
#include "services/notification/message/recipient.h"
#include "services/notification/message/way.h"
#include "services/notification/message/words.h"

namespace xxt::notification::message {
namespace {

// Of an audience, what was not told and knows less, for what was kept back may be told after all. By id: who changes
// several locks them in this order. A case has few messages.
constexpr pg::Statement kUncorrected{"message.uncorrected", R"sql(
  SELECT id FROM notification.messages
   WHERE case_name = $1 AND audience = $2 AND known_revision < $3 AND state NOT IN (2, 5) ORDER BY id)sql"};
static_assert(v1::Message::STATE_DELIVERED == 2 && v1::Message::STATE_NOT_REACHED == 5);

// Whether a correction is of any use to it.
bool Concerns(const v1::Message& message, const v1::Recipient& right) {
  return message.known_revision() < right.revision() && (!IsOver(message.state()) || message.kept_back());
}

// Lets the message be told as its correction says, or not at all.
void Apply(const Making& with, Tx& tx, v1::Message& message) {
  const Context context{tx, with.policy};
  if (message.correction().recipient().not_told()) return KeepBack(context, message);
  if (message.kept_back()) return TellAfterAll(with, tx, message);
  Readdress(context, message);
}

}  // namespace

absl::Status CorrectRecipient(const Making& with, Tx& tx, const v1::CorrectRecipientRequest& request,
                              v1::CorrectRecipientResponse&) {
  v1::Recipient right = request.recipient();
  XXT_RETURN_IF_ERROR(CheckPreferred(right, "recipient"));
  FillIn(&right);
  audience::Correct(tx, request.audience(), right.revision());
  XXT_ASSIGN_OR_RETURN(const pg::Result rows, tx.session.Run(kUncorrected, request.case_name(), request.audience(),
                                                             std::int64_t{right.revision()}));
  std::vector<std::string> names;
  for (int i = 0; i < rows.size(); ++i) names.push_back(absl::StrCat("messages/", rows[i].View(0)));
  for (const std::string& name : names) events::QueueTurn(tx.session, name);
  for (const std::string& name : names) {
    XXT_ASSIGN_OR_RETURN(v1::Message message, Lock(tx, name));
    // As it is under the lock.
    if (!Concerns(message, right)) continue;
    *message.mutable_correction()->mutable_words() = WordsFor(with.catalogue, message, right);
    *message.mutable_correction()->mutable_recipient() = right;
    message.set_known_revision(right.revision());
    Apply(with, tx, message);
    Save(tx, message);
  }
  return absl::OkStatus();
}

}  // namespace xxt::notification::message
