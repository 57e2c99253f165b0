#ifndef XXT_SERVICES_REFERRAL_MAIL_FILES_H_
#define XXT_SERVICES_REFERRAL_MAIL_FILES_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/pg/session.h"
#include "common/seal/seal.h"
#include "common/store/row.h"
#include "services/referral/mail/attachment_rules.h"
#include "xixinting/referral/v1/entry.pb.h"

// What is in the files that came with mails: bytes in parts, each sealed for its
// place with the key of what the mail hangs on: its referral, or itself while it
// is unmatched. The mail lists the files.
//
// `mail` is the mail's resource name. An entry that was made of an unmatched mail
// has its id, which is that of the rows.
namespace xxt::referral::mail {

namespace v1 = ::xixinting::referral::v1;

// Bytes of a part, before it is sealed; of a file's last part, at most.
inline constexpr std::int64_t kPart = 256 << 10;

// The key that seals what hangs on `name`: an unmatched mail, or what lies under a
// referral. Errors: RESOURCE_NOT_FOUND.
absl::StatusOr<store::RootKey> KeyOf(pg::Session& session, const seal::Keyring& keys, absl::string_view name);

// As `mail`, an entry or an unmatched one, lists it: its `number`th file, from 1.
v1::Attachment AttachmentOf(const Attachment& file, absl::string_view mail, int number);

// Queues the parts of those that are kept. Errors: PERSONAL_DATA_ERASED.
absl::Status KeepFiles(pg::Session& session, const seal::Keyring& keys, absl::string_view mail,
                       const std::vector<AttachedFile>& files);

// At most `limit` bytes of the `number`th file (from 1), from `offset`; nothing at
// its end. Errors: RESOURCE_NOT_FOUND if it is not kept, or its key was erased;
// INTERNAL if it does not open.
absl::StatusOr<std::string> ReadFile(pg::Session& session, const seal::Keyring& keys, absl::string_view mail,
                                     int number, std::int64_t offset, std::int64_t limit);

// Queues the sealing of all files of an unmatched mail anew, for the entry that
// was made of it. Errors: those of the two above.
absl::Status MoveFiles(pg::Session& session, const seal::Keyring& keys, absl::string_view unmatched,
                       absl::string_view entry);

}  // namespace xxt::referral::mail

#endif  // XXT_SERVICES_REFERRAL_MAIL_FILES_H_
