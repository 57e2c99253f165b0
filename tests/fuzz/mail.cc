#include <string>

#include "common/text/unicode.h"
#include "services/referral/mail/html_text.h"
#include "services/referral/mail/mail_parser.h"
#include "tests/fuzz/check.h"
#include "tests/fuzz/targets.h"

namespace xxt::fuzz {

bool Mail(absl::string_view bytes) {
  const referral::InboundMail mail = referral::ParseMail(std::string(bytes));
  // What goes into the database is text, and of a size that a person reads.
  for (const std::string& text : {mail.from_address, mail.subject, mail.text, mail.message_id}) {
    XXT_MUST(text::DecodeUtf8(text).ok());
    XXT_MUST(text.find('\0') == std::string::npos);
    XXT_MUST(text.size() <= (1U << 21));
  }
  for (const referral::AttachedFile& file : mail.files) {
    XXT_MUST(text::DecodeUtf8(file.about.file_name).ok() && text::DecodeUtf8(file.about.media_type).ok());
    XXT_MUST(file.content.size() <= bytes.size());
  }
  if (mail.bounce.has_value()) {
    XXT_MUST(text::DecodeUtf8(mail.bounce->recipient).ok() && mail.bounce->status.size() < 10);
  }
  XXT_MUST(referral::TextOfHtml(bytes).size() <= bytes.size() * 4 + 64);
  return true;
}

}  // namespace xxt::fuzz
