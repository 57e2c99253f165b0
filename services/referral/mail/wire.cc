#include "services/referral/mail/wire.h"

#include <cstddef>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/identifiers/uuid.h"

namespace xxt::referral {

InboundMail Unreadable(const InboundMail& mail) {
  InboundMail kept;
  kept.mailbox = mail.mailbox;
  kept.uid_validity = mail.uid_validity;
  kept.uid = mail.uid;
  kept.subject = "（无法读取的来信）";
  kept.text = absl::StrCat("这封来信无法读取，请到信箱 ", mail.mailbox, " 中查看（UID ", mail.uid, "）。");
  return kept;
}

std::vector<std::string> EntryIdsIn(const std::vector<std::string>& thread) {
  constexpr std::size_t kUuidLength = 36;
  std::vector<std::string> ids;
  for (const std::string& message_id : thread) {
    if (message_id.size() <= kUuidLength || message_id[kUuidLength] != '@') continue;
    std::string id = message_id.substr(0, kUuidLength);
    if (identifiers::IsUuid(id)) ids.push_back(std::move(id));
  }
  return ids;
}

}  // namespace xxt::referral
