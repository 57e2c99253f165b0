#include "services/notification/channel/email.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/notification/channel/sending.h"
#include "services/notification/message/outcomes.h"
#include "services/notification/message/words.h"
#include "services/notification/slices.h"

namespace xxt::notification {
namespace channel {
namespace {

// Names the case, and nobody.
std::string SubjectOf(const v1::Message& message) {
  if (message.recipient().language_code() == "en") return "A message from your listening window (悉心听)";
  return absl::StrCat("西城悉心听：", message.headline());
}

SendOutcome Read(smtp::Outcome outcome) {
  using Kind = SendOutcome::Kind;
  switch (outcome) {
    case smtp::Outcome::kAccepted:
      return {Kind::kAccepted, FailureKind::kNone, "", "", {}};
    case smtp::Outcome::kRefusedForGood:
      return {Kind::kRefusedForGood, FailureKind::kPermanent, "", "邮件服务器不收这封邮件", {}};
    case smtp::Outcome::kRefusedForNow:
      return {Kind::kRefusedForNow, FailureKind::kTechnical, "", "邮件服务器暂时不收邮件", {}, false};
    case smtp::Outcome::kUnknown:
      break;
  }
  return {Kind::kUnknown, FailureKind::kTechnical, "", "邮件服务器的答复没有收到", {}};
}

// A mail server knows no mail again and cannot be asked: what it may have is never sent again unaided.
Carrier MailServerOf(const EmailParts& parts) {
  Carrier carrier;
  carrier.kind = message::kSendEmailKind;
  carrier.party = "mail-server";
  carrier.title = "邮件服务器";
  carrier.address = [](const v1::Recipient& recipient) { return recipient.email(); };
  carrier.send = [&clock = parts.host.clock, domain = parts.domain, send = parts.send](
                     const std::string& key, const std::string& to, const v1::Message& message, SteadyTime deadline) {
    const absl::Time now = clock.Now();
    smtp::Mail mail;
    mail.message_id = absl::StrCat(key, "@", domain);
    mail.to = to;
    mail.subject = SubjectOf(message);
    mail.text = message::WordsBy(message, common::CHANNEL_EMAIL, now);
    mail.date = now;
    return Read(send(mail, deadline));
  };
  carrier.timeout = parts.timeout;
  carrier.give_up_after = parts.give_up_after;
  return carrier;
}

}  // namespace
}  // namespace channel

edge::Slice EmailSlice(const channel::EmailParts& parts) {
  return {{channel::SendKind({parts.host, parts.pool, parts.policy, channel::MailServerOf(parts)})}, {}, {}};
}

}  // namespace xxt::notification
