#include "services/referral/entry/entry.h"

#include "absl/strings/str_cat.h"
#include "common/rpc/timestamp.h"
#include "common/status/macros.h"
#include "services/referral/referrals/referrals.h"

namespace xxt::referral::entry {
namespace {

// By hand, for a mail tells ids and no referral.
constexpr pg::Statement kFind{"entry.find", R"sql(
  SELECT e.referral_id, e.id
    FROM unnest($1::uuid[]) WITH ORDINALITY AS wanted (id, place)
    JOIN referral.entries e ON e.id = wanted.id
   ORDER BY wanted.place)sql"};

}  // namespace

const store::Table<v1::Entry> kEntries("referral.entries", &referrals::kReferrals,
                                       {.lists = {{"of_referral", {"referral_id"}, "row_number"}},
                                        .append_only = true,
                                        .serial = "row_number"});

std::string NameOf(absl::string_view referral, absl::string_view id) { return absl::StrCat(referral, "/entries/", id); }

void Add(Tx& tx, absl::string_view referral, v1::Entry& made) {
  if (made.name().empty()) made.set_name(kEntries.NewName(referral, tx.now));
  if (!made.has_occur_time()) rpc::ToProto(tx.now, made.mutable_occur_time());
  rpc::ToProto(tx.now, made.mutable_record_time());
  made.set_author(tx.caller.subject);
  tx.Insert(kEntries, made);
}

absl::StatusOr<std::vector<std::string>> Find(pg::Session& session, const std::vector<std::string>& ids) {
  std::vector<std::string> names;
  if (ids.empty()) return names;
  XXT_ASSIGN_OR_RETURN(const pg::Result rows, session.Run(kFind, ids));
  for (int i = 0; i < rows.size(); ++i) {
    names.push_back(NameOf(absl::StrCat("referrals/", rows[i].View(0)), rows[i].View(1)));
  }
  return names;
}

}  // namespace xxt::referral::entry
