#include "services/referral/storage/rule_note_store.h"

#include <utility>

#include "common/status/errors.h"
#include "common/status/macros.h"
#include "services/referral/storage/docs.h"

namespace xxt::referral::rule_note_store {
namespace {

constexpr pg::Statement kInsert{"rule_note.insert", R"sql(
  INSERT INTO referral.rule_notes (id, body, valid_from, valid_to, verify_time, verifier, doc)
  VALUES ($1, $2, $3, $4, $5, $6, $7))sql"};

constexpr pg::Statement kGet{"rule_note.get", R"sql(
  SELECT id, body, valid_from, valid_to, verify_time, verifier, doc
    FROM referral.rule_notes
   WHERE id = $1 AND body = $2)sql"};

constexpr pg::Statement kList{"rule_note.list", R"sql(
  SELECT id, body, valid_from, valid_to, verify_time, verifier, doc
    FROM referral.rule_notes
   WHERE body = $1
     AND (valid_from IS NULL OR valid_from <= $2)
     AND (valid_to IS NULL OR valid_to >= $2)
     AND (verify_time, id) < ($3::timestamptz, $4::uuid)
   ORDER BY verify_time DESC, id DESC
   LIMIT $5)sql"};

absl::StatusOr<RuleNote> ReadNote(const pg::Row& row) {
  RuleNote note;
  note.id = row.Text(0);
  note.body_id = row.Text(1);
  if (!row.IsNull(2)) note.valid_from = row.Day(2);
  if (!row.IsNull(3)) note.valid_to = row.Day(3);
  note.verify_time = row.Time(4);
  note.verifier = row.Text(5);
  XXT_RETURN_IF_ERROR(ReadDoc(row.View(6), &note));
  return note;
}

}  // namespace

void Insert(pg::Session& session, const RuleNote& note) {
  session.Queue(kInsert, note.id, note.body_id, note.valid_from, note.valid_to, note.verify_time, note.verifier,
                WriteDoc(note));
}

absl::StatusOr<RuleNote> Get(pg::Session& session, absl::string_view body_id, absl::string_view id) {
  XXT_ASSIGN_OR_RETURN(const pg::Result rows, session.Run(kGet, id, body_id));
  if (rows.empty()) {
    return errors::NotFound("referral.xixinting/RuleNote",
                            "bodies/" + std::string(body_id) + "/ruleNotes/" + std::string(id));
  }
  return ReadNote(rows[0]);
}

absl::StatusOr<std::vector<RuleNote>> List(pg::Session& session, const Filter& filter) {
  const std::string before_id = filter.before_id.empty() ? "ffffffff-ffff-ffff-ffff-ffffffffffff" : filter.before_id;
  XXT_ASSIGN_OR_RETURN(const pg::Result rows,
                       session.Run(kList, filter.body_id, filter.today,
                                   filter.before_time.value_or(absl::InfiniteFuture()), before_id, filter.limit));
  std::vector<RuleNote> notes;
  for (int i = 0; i < rows.size(); ++i) {
    XXT_ASSIGN_OR_RETURN(RuleNote note, ReadNote(rows[i]));
    notes.push_back(std::move(note));
  }
  return notes;
}

}  // namespace xxt::referral::rule_note_store
