#include "services/referral/storage/entry_store.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/errors.h"
#include "common/status/macros.h"
#include "services/referral/storage/docs.h"

namespace xxt::referral::entry_store {
namespace {

constexpr pg::Statement kInsert{"entry.insert", R"sql(
  INSERT INTO referral.entries (id, referral, kind, occur_time, record_time, author, doc)
  VALUES ($1, $2, $3, $4, $5, $6, $7))sql"};

constexpr pg::Statement kGet{"entry.get", R"sql(
  SELECT id, referral, kind, occur_time, record_time, author, doc, row_number
    FROM referral.entries
   WHERE id = $1 AND referral = $2)sql"};

constexpr pg::Statement kFind{"entry.find", R"sql(
  SELECT e.id, e.referral, e.kind, e.occur_time, e.record_time, e.author, e.doc, e.row_number
    FROM unnest($1::uuid[]) WITH ORDINALITY AS wanted (id, place)
    JOIN referral.entries e ON e.id = wanted.id
   ORDER BY wanted.place)sql"};

constexpr pg::Statement kList{"entry.list", R"sql(
  SELECT id, referral, kind, occur_time, record_time, author, doc, row_number
    FROM referral.entries
   WHERE referral = $1 AND row_number > $2
   ORDER BY row_number
   LIMIT $3)sql"};

absl::StatusOr<Entry> ReadEntry(const pg::Row& row) {
  Entry entry;
  entry.id = row.Text(0);
  entry.referral_id = row.Text(1);
  entry.occur_time = row.Time(3);
  entry.record_time = row.Time(4);
  entry.author = row.Text(5);
  entry.row_number = row.Int(7);
  XXT_RETURN_IF_ERROR(ReadDoc(row.View(6), row.View(2), &entry.content));
  return entry;
}

absl::StatusOr<std::vector<Entry>> ReadEntries(const pg::Result& rows) {
  std::vector<Entry> entries;
  for (int i = 0; i < rows.size(); ++i) {
    XXT_ASSIGN_OR_RETURN(Entry entry, ReadEntry(rows[i]));
    entries.push_back(std::move(entry));
  }
  return entries;
}

}  // namespace

void Insert(pg::Session& session, const Entry& entry) {
  session.Queue(kInsert, entry.id, entry.referral_id, KindOf(entry.content), entry.occur_time, entry.record_time,
                entry.author, WriteDoc(entry.content));
}

absl::StatusOr<Entry> Get(pg::Session& session, absl::string_view referral_id, absl::string_view id) {
  XXT_ASSIGN_OR_RETURN(const pg::Result rows, session.Run(kGet, id, referral_id));
  if (rows.empty()) {
    return errors::NotFound("referral.xixinting/Entry", absl::StrCat("referrals/", referral_id, "/entries/", id));
  }
  return ReadEntry(rows[0]);
}

absl::StatusOr<std::vector<Entry>> Find(pg::Session& session, const std::vector<std::string>& ids) {
  if (ids.empty()) return std::vector<Entry>();
  XXT_ASSIGN_OR_RETURN(const pg::Result rows, session.Run(kFind, ids));
  return ReadEntries(rows);
}

absl::StatusOr<std::vector<Entry>> List(pg::Session& session, absl::string_view referral_id, std::int64_t after_row,
                                        int limit) {
  XXT_ASSIGN_OR_RETURN(const pg::Result rows, session.Run(kList, referral_id, after_row, limit));
  return ReadEntries(rows);
}

}  // namespace xxt::referral::entry_store
