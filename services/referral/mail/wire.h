#ifndef XXT_SERVICES_REFERRAL_MAIL_WIRE_H_
#define XXT_SERVICES_REFERRAL_MAIL_WIRE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/smtp/sender.h"
#include "services/referral/mail/attachment_rules.h"

// Mails as they go out and come in, and what is read off them.
namespace xxt::referral {

using OutboundMail = smtp::Mail;
using SendOutcome = smtp::Outcome;

// What a mail server says of a mail that it could not deliver (RFC 3464).
struct Bounce {
  std::string recipient;  // whom it did not reach
  std::string status;     // "5.1.1"; personal data nowhere in it
  bool permanent = false;
};

// A mail as the mailbox gave it, parsed, text in UTF-8.
struct InboundMail {
  std::string mailbox;  // "archive@hall.example"
  std::int64_t uid_validity = 0;
  std::int64_t uid = 0;
  std::string message_id;  // without < >; may be empty
  // The ids of mails it embeds; In-Reply-To; then References from the last. Without < >.
  std::vector<std::string> thread;
  std::string from_address;
  std::string subject;
  std::vector<std::string> embedded_subjects;  // of the mails it embeds
  std::string text;
  std::vector<AttachedFile> files;
  // Written by a machine (Auto-Submitted, a bounce): says nothing about
  // whether somebody works on it.
  bool automatic = false;
  std::optional<Bounce> bounce;
  // It was in the mailbox before this service first looked.
  bool history = false;
};

// What is kept of a mail that the store refuses, so that a person looks into
// the mailbox and the mails behind it are read.
InboundMail Unreadable(const InboundMail& mail);

// The ids in `thread` that may be entries of ours: we write Message-IDs as
// "<entry id>@<our domain>".
std::vector<std::string> EntryIdsIn(const std::vector<std::string>& thread);

}  // namespace xxt::referral

#endif  // XXT_SERVICES_REFERRAL_MAIL_WIRE_H_
