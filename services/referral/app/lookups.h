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
#include "common/seal/seal.h"
#include "common/store/tx.h"
#include "services/referral/app/settings.h"
#include "services/referral/domain/mail.h"
#include "services/referral/domain/referral.h"
#include "services/referral/entry/entry.h"

// Looking things up. Lists take the key of the last row had (empty: from the
// start) and answer the key of their own last row if there may be more.
namespace xxt::referral::app {

template <typename T>
struct Page {
  std::vector<T> items;
  paging::Key next;  // empty on the last page
};

// Those of the caller's hall, the next to act on first. `case_id` empty: all.
absl::StatusOr<Page<Referral>> ListReferrals(Tx& tx, const std::string& case_id, bool include_ended,
                                             const paging::Key& after, int size);

// A file that came with a mail, called `mail` (an entry or an unmatched one), by
// its place in it, from 1. At most `limit` bytes from `offset`.
// Errors: NOT_FOUND, OTHER_HALL.
struct ReadFile {
  entry::v1::Attachment attachment;
  std::string content;
};
absl::StatusOr<ReadFile> GetAttachment(Tx& tx, const seal::Keyring& keys, const Settings& settings,
                                       absl::string_view mail, int number, std::int64_t offset, std::int64_t limit);

absl::StatusOr<Page<UnmatchedMail>> ListUnmatchedMails(pg::Session& session, const paging::Key& after, int size);

}  // namespace xxt::referral::app

#endif  // XXT_SERVICES_REFERRAL_APP_LOOKUPS_H_
