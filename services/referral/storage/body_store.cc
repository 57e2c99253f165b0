#include "services/referral/storage/body_store.h"

#include <utility>

#include "common/status/errors.h"
#include "common/status/macros.h"
#include "services/referral/storage/docs.h"

namespace xxt::referral::body_store {
namespace {

constexpr pg::Statement kGet{"body.get", R"sql(
  SELECT id, title, kind, doc FROM referral.bodies WHERE id = $1)sql"};

constexpr pg::Statement kList{"body.list", R"sql(
  SELECT id, title, kind, doc FROM referral.bodies
   WHERE (title, id) > ($1, $2) ORDER BY title, id LIMIT $3)sql"};

constexpr pg::Statement kListOfKind{"body.list_of_kind", R"sql(
  SELECT id, title, kind, doc FROM referral.bodies
   WHERE kind = $4 AND (title, id) > ($1, $2) ORDER BY title, id LIMIT $3)sql"};

constexpr pg::Statement kSearch{"body.search", R"sql(
  SELECT b.id, b.title, b.kind, b.doc
    FROM referral.body_terms AS t JOIN referral.bodies AS b ON b.id = t.body
   WHERE t.term = referral.rarest_term($4) AND (t.title, t.body) > ($1, $2)
     AND strpos(b.words, lower($4)) > 0 AND ($5::text IS NULL OR b.kind = $5)
   ORDER BY t.title, t.body LIMIT $3)sql"};

constexpr pg::Statement kInsertRuleNote{"rule_note.insert", R"sql(
  INSERT INTO referral.rule_notes (id, body, valid_from, valid_to, verify_time, verifier, doc)
  VALUES ($1, $2, $3, $4, $5, $6, $7))sql"};

constexpr pg::Statement kGetRuleNote{"rule_note.get", R"sql(
  SELECT id, body, valid_from, valid_to, verify_time, verifier, doc
    FROM referral.rule_notes
   WHERE id = $1 AND body = $2)sql"};

constexpr pg::Statement kListRuleNotes{"rule_note.list", R"sql(
  SELECT id, body, valid_from, valid_to, verify_time, verifier, doc
    FROM referral.rule_notes
   WHERE body = $1
     AND (valid_from IS NULL OR valid_from <= $2)
     AND (valid_to IS NULL OR valid_to >= $2)
     AND (verify_time, id) < ($3::timestamptz, $4::uuid)
   ORDER BY verify_time DESC, id DESC
   LIMIT $5)sql"};

absl::StatusOr<Body> ReadBody(const pg::Row& row) {
  Body body;
  body.id = row.Text(0);
  body.title = row.Text(1);
  const std::optional<BodyKind> kind = FromName<BodyKind>(row.View(2));
  if (!kind.has_value()) return errors::Internal("body.kind");
  body.kind = *kind;
  XXT_RETURN_IF_ERROR(ReadDoc(row.View(3), &body));
  return body;
}

absl::StatusOr<RuleNote> ReadRuleNote(const pg::Row& row) {
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

absl::StatusOr<Body> Get(pg::Session& session, absl::string_view id) {
  XXT_ASSIGN_OR_RETURN(const pg::Result rows, session.Run(kGet, id));
  if (rows.empty()) return errors::NotFound("referral.xixinting/Body", "bodies/" + std::string(id));
  return ReadBody(rows[0]);
}

absl::StatusOr<std::vector<Body>> List(pg::Session& session, const Filter& filter) {
  std::optional<std::string> kind;
  if (filter.kind.has_value()) kind = std::string(NameOf(*filter.kind));
  absl::StatusOr<pg::Result> found;
  if (!filter.query.empty()) {
    found = session.Run(kSearch, filter.after_title, filter.after_id, filter.limit, filter.query, kind);
  } else if (kind.has_value()) {
    found = session.Run(kListOfKind, filter.after_title, filter.after_id, filter.limit, *kind);
  } else {
    found = session.Run(kList, filter.after_title, filter.after_id, filter.limit);
  }
  XXT_ASSIGN_OR_RETURN(const pg::Result rows, std::move(found));
  std::vector<Body> bodies;
  for (int i = 0; i < rows.size(); ++i) {
    XXT_ASSIGN_OR_RETURN(Body body, ReadBody(rows[i]));
    bodies.push_back(std::move(body));
  }
  return bodies;
}

void InsertRuleNote(pg::Session& session, const RuleNote& note) {
  session.Queue(kInsertRuleNote, note.id, note.body_id, note.valid_from, note.valid_to, note.verify_time, note.verifier,
                WriteDoc(note));
}

absl::StatusOr<RuleNote> GetRuleNote(pg::Session& session, absl::string_view body_id, absl::string_view id) {
  XXT_ASSIGN_OR_RETURN(const pg::Result rows, session.Run(kGetRuleNote, id, body_id));
  if (rows.empty()) {
    return errors::NotFound("referral.xixinting/RuleNote",
                            "bodies/" + std::string(body_id) + "/ruleNotes/" + std::string(id));
  }
  return ReadRuleNote(rows[0]);
}

absl::StatusOr<std::vector<RuleNote>> ListRuleNotes(pg::Session& session, const RuleNoteFilter& filter) {
  const std::string before_id = filter.before_id.empty() ? "ffffffff-ffff-ffff-ffff-ffffffffffff" : filter.before_id;
  XXT_ASSIGN_OR_RETURN(const pg::Result rows,
                       session.Run(kListRuleNotes, filter.body_id, filter.today,
                                   filter.before_time.value_or(absl::InfiniteFuture()), before_id, filter.limit));
  std::vector<RuleNote> notes;
  for (int i = 0; i < rows.size(); ++i) {
    XXT_ASSIGN_OR_RETURN(RuleNote note, ReadRuleNote(rows[i]));
    notes.push_back(std::move(note));
  }
  return notes;
}

}  // namespace xxt::referral::body_store
