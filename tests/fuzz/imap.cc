#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "services/referral/mail/imap_answers.h"
#include "tests/fuzz/check.h"
#include "tests/fuzz/targets.h"

namespace xxt::fuzz {

// The first byte says in how many pieces the rest comes.
bool ImapAnswers(absl::string_view bytes) {
  if (bytes.empty()) return false;
  const std::size_t size = bytes.size() / (static_cast<unsigned char>(bytes[0]) % 8 + 1U) + 1;
  bytes.remove_prefix(1);
  const std::size_t whole = bytes.size();
  std::string buffer;
  const auto answers = referral::ReadImapAnswers("X1", &buffer, [&] {
    if (bytes.empty()) return absl::UnavailableError("the end");
    const absl::string_view piece = bytes.substr(0, size);
    buffer.append(piece.data(), piece.size());
    bytes.remove_prefix(piece.size());
    return absl::OkStatus();
  });
  if (!answers.ok()) return true;
  std::size_t kept = buffer.size();
  for (const referral::ImapAnswer& answer : *answers) {
    kept += answer.text.size();
    for (const std::string& literal : answer.literals) kept += literal.size();
  }
  XXT_MUST(kept <= whole);
  const auto mailbox = referral::MailboxIn(*answers);
  XXT_MUST(!mailbox.ok() || (mailbox->uid_validity > 0 && mailbox->mails >= 0));
  const std::vector<std::int64_t> uids = referral::UidsIn(*answers);
  XXT_MUST(std::all_of(uids.begin(), uids.end(), [](std::int64_t uid) { return uid > 0 && uid < (1LL << 32); }));
  const auto part = referral::PartIn(*answers, 7);
  XXT_MUST(!part.has_value() || part->bytes.size() <= whole);
  return true;
}

}  // namespace xxt::fuzz
