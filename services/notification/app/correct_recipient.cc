#include "services/notification/app/correct_recipient.h"

#include <cstdint>
#include <utility>
#include <vector>

#include "common/status/macros.h"
#include "services/notification/storage/message_store.h"

namespace xxt::notification::app {
namespace {

// The words made for the right recipient; those there are, if the template of
// today does not take the parameters of then.
Correction Make(const Catalogue& catalogue, const Message& message, const Recipient& recipient) {
  Correction made{recipient, message.sms_text, message.call_text, message.late_text};
  const Template* words = catalogue.Find(message.template_id);
  if (words == nullptr || !words->Check(message.parameters).empty()) return made;
  absl::StatusOr<Rendered> rendered =
      words->Render(message.parameters, recipient.language_code, recipient.display_name);
  if (!rendered.ok()) return made;
  made.sms_text = std::move(rendered->sms_text);
  made.call_text = std::move(rendered->call_text);
  made.late_text = std::move(rendered->late_text);
  return made;
}

std::int64_t RevisionOf(const Message& message) {
  return message.correction.has_value() ? message.correction->recipient.revision : message.recipient.revision;
}

}  // namespace

absl::Status CorrectRecipient(const Context& context, const Catalogue& catalogue, const std::string& case_id,
                              const std::string& audience, const Recipient& recipient) {
  XXT_ASSIGN_OR_RETURN(const std::vector<std::string> ids,
                       message_store::OpenOfAudience(context.session, case_id, audience));
  for (const std::string& id : ids) {
    XXT_ASSIGN_OR_RETURN(Message message, message_store::LoadForUpdate(context.session, id));
    if (IsTerminal(message.state) || RevisionOf(message) >= recipient.revision) continue;
    message.correction = Make(catalogue, message, recipient);
    Readdress(context, message);
    message_store::Save(context.session, message);
  }
  return absl::OkStatus();
}

}  // namespace xxt::notification::app
