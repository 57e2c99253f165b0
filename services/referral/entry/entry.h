#ifndef XXT_SERVICES_REFERRAL_ENTRY_ENTRY_H_
#define XXT_SERVICES_REFERRAL_ENTRY_ENTRY_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/pg/session.h"
#include "common/store/table.h"
#include "common/store/tx.h"
#include "xixinting/referral/v1/entry.pb.h"

// The ledger of a referral: written once, never changed. What an officer writes
// may move the chase, so its RPCs are below it.
namespace xxt::referral::entry {

namespace v1 = ::xixinting::referral::v1;

extern const store::Table<v1::Entry> kEntries;

// "referrals/{uuid}/entries/{uuid}" of a referral's name and an id that is known before.
std::string NameOf(absl::string_view referral, absl::string_view id);

// Queues a new entry of `referral`, which this transaction has locked: gives it
// its author and time of writing, and a name and time of what happened if it
// has none.
void Add(Tx& tx, absl::string_view referral, v1::Entry& made);

// The names of the entries with one of these ids, of whichever referral, in the
// order of `ids`.
absl::StatusOr<std::vector<std::string>> Find(pg::Session& session, const std::vector<std::string>& ids);

}  // namespace xxt::referral::entry

#endif  // XXT_SERVICES_REFERRAL_ENTRY_ENTRY_H_
