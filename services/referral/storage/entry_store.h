#ifndef XXT_SERVICES_REFERRAL_STORAGE_ENTRY_STORE_H_
#define XXT_SERVICES_REFERRAL_STORAGE_ENTRY_STORE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/pg/session.h"
#include "services/referral/domain/entry.h"

// The append-only ledger of a referral.
namespace xxt::referral::entry_store {

// Queues the insert.
void Insert(pg::Session& session, const Entry& entry);

// Errors: NOT_FOUND, also for an entry of another referral.
absl::StatusOr<Entry> Get(pg::Session& session, absl::string_view referral_id, absl::string_view id);

// The entries with one of these ids, of whichever referral, in the order of `ids`.
absl::StatusOr<std::vector<Entry>> Find(pg::Session& session, const std::vector<std::string>& ids);

// In the order of writing, after row `after_row`.
absl::StatusOr<std::vector<Entry>> List(pg::Session& session, absl::string_view referral_id, std::int64_t after_row,
                                        int limit);

}  // namespace xxt::referral::entry_store

#endif  // XXT_SERVICES_REFERRAL_STORAGE_ENTRY_STORE_H_
