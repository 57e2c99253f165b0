#ifndef XXT_SERVICES_REFERRAL_STORAGE_ATTACHMENT_STORE_H_
#define XXT_SERVICES_REFERRAL_STORAGE_ATTACHMENT_STORE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/pg/session.h"
#include "services/referral/domain/attachment.h"

// What is in the files that came with mails. The mail's own row lists them.
namespace xxt::referral::attachment_store {

// Queues the inserts of those that are kept. `mail_id` is the entry's, or the
// unmatched mail's, which the entry keeps when it is filed.
void Insert(pg::Session& session, absl::string_view mail_id, const std::vector<AttachedFile>& files);

// At most `limit` bytes of the `number`th of the mail (from 1), from `offset`.
// Errors: NOT_FOUND, with `name`, if it is not kept.
absl::StatusOr<std::string> Read(pg::Session& session, absl::string_view mail_id, int number, std::int64_t offset,
                                 std::int64_t limit, absl::string_view name);

}  // namespace xxt::referral::attachment_store

#endif  // XXT_SERVICES_REFERRAL_STORAGE_ATTACHMENT_STORE_H_
