#ifndef XXT_SERVICES_REFERRAL_APP_LOOKUPS_H_
#define XXT_SERVICES_REFERRAL_APP_LOOKUPS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/identity/caller.h"
#include "common/paging/page_token.h"
#include "common/pg/session.h"
#include "services/referral/app/settings.h"
#include "services/referral/domain/attachment.h"
#include "services/referral/domain/entry.h"
#include "services/referral/domain/mail.h"
#include "services/referral/domain/referral.h"

// Looking things up. Lists take the key of the last row had (empty: from the
// start) and answer the key of their own last row if there may be more.
namespace xxt::referral::app {

template <typename T>
struct Page {
  std::vector<T> items;
  paging::Key next;  // empty on the last page
};

// Those of the caller's hall, the next to act on first. `case_id` empty: all.
absl::StatusOr<Page<Referral>> ListReferrals(pg::Session& session, const identity::Caller& caller,
                                             const std::string& case_id, bool include_ended, const paging::Key& after,
                                             int size);

// Errors: NOT_FOUND, OTHER_HALL.
absl::StatusOr<Page<Entry>> ListEntries(pg::Session& session, const identity::Caller& caller, absl::string_view id,
                                        const paging::Key& after, int size);

// Errors: RESOURCE_NOT_FOUND, OTHER_HALL.
absl::StatusOr<Entry> GetEntry(pg::Session& session, const identity::Caller& caller, absl::string_view referral_id,
                               absl::string_view id);

// A file that came with a mail, named by its place (from 1) in the mail: an
// entry of a referral, or (referral_id empty) an unmatched one. At most `limit`
// bytes from `offset`. Errors: NOT_FOUND, OTHER_HALL.
struct FileName {
  std::string referral_id;
  std::string mail_id;
  int number = 0;
};
struct ReadFile {
  Attachment attachment;
  std::string content;
};
absl::StatusOr<ReadFile> GetAttachment(pg::Session& session, const identity::Caller& caller, const Settings& settings,
                                       const FileName& file, std::int64_t offset, std::int64_t limit);

absl::StatusOr<Page<UnmatchedMail>> ListUnmatchedMails(pg::Session& session, const paging::Key& after, int size);

}  // namespace xxt::referral::app

#endif  // XXT_SERVICES_REFERRAL_APP_LOOKUPS_H_
