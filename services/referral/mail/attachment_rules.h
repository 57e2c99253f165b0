#ifndef XXT_SERVICES_REFERRAL_MAIL_ATTACHMENT_RULES_H_
#define XXT_SERVICES_REFERRAL_MAIL_ATTACHMENT_RULES_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace xxt::referral {

// What is known of a file that came with a mail. Personal data. All are listed;
// those that are not kept are still in the mailbox.
struct Attachment {
  // The proto's numbers.
  enum class State { kKept = 1, kTooLarge, kTypeRefused };
  std::string file_name;   // as the sender called it, without a path; may be empty
  std::string media_type;  // of a kept one what its name's ending stands for, else as the sender said
  std::int64_t size = 0;   // of what was read
  std::string sha256;      // hex
  State state = State::kKept;
};

// One of them with what is in it; empty unless it is kept.
struct AttachedFile {
  Attachment about;
  std::string content;
};

// Bounds for one file, and for what is kept and listed of one mail.
inline constexpr std::size_t kMostFileBytes = 10U << 20U;
inline constexpr std::size_t kMostKeptBytes = 20U << 20U;
inline constexpr std::size_t kMostFiles = 50;

// The type under which a file is kept: scans, photographs, office documents
// and plain text. nullopt for all others: programs, archives, pages with
// scripts. The name's ending decides, because most programs send
// "application/octet-stream"; a name without one leaves it to `declared_type`.
std::optional<std::string> KeptType(absl::string_view file_name, absl::string_view declared_type);

// Decides what is kept of `file`, read whole and named by the sender, after
// `kept_bytes` of the same mail; clears the content of what is not.
void JudgeFile(std::size_t kept_bytes, AttachedFile* file);

}  // namespace xxt::referral

#endif  // XXT_SERVICES_REFERRAL_MAIL_ATTACHMENT_RULES_H_
