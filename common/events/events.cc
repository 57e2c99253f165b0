#include "common/events/events.h"

#include "absl/time/clock.h"
#include "common/identifiers/uuid.h"
#include "common/pg/insert.h"
#include "common/status/errors.h"
#include "common/status/macros.h"

namespace xxt::events {
namespace {

constexpr absl::string_view kBeginning = "0";

const pg::Insert kInsert("event.insert", "backbone.event",
                         {{"id", "uuid"},
                          {"type", "text"},
                          {"subject", "text"},
                          {"hall", "text"},
                          {"actor", "text"},
                          {"summary", "text"},
                          {"time", "timestamptz"}});

constexpr pg::Statement kTurn{"event.turn", "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))"};

// Everything below xmin has ended; what commits later has a larger id. Each of
// these answers one row at least, so that the history always comes along.
constexpr pg::Statement kLatest{"event.latest", R"sql(
  SELECT h.history, e.transaction, e.row_number, e.id
    FROM (SELECT backbone.history() AS history OFFSET 0) AS h
    LEFT JOIN LATERAL (
      SELECT transaction, row_number, id FROM backbone.event
       WHERE type <> '' AND transaction < pg_snapshot_xmin(pg_current_snapshot())
       ORDER BY transaction DESC, row_number DESC LIMIT 1) AS e ON true)sql"};

// Begins with the event that the reader is behind, to see that it is there.
constexpr pg::Statement kReadFrom{"event.read_from", R"sql(
  SELECT h.history, e.transaction, e.row_number, e.id, e.type, e.subject, e.hall, e.actor, e.summary, e.time,
         (extract(epoch FROM clock_timestamp() - e.record_time) * 1000000)::bigint
    FROM (SELECT backbone.history() AS history OFFSET 0) AS h
    LEFT JOIN LATERAL (
      SELECT * FROM backbone.event
       WHERE type <> '' AND (transaction, row_number) >= ($1::xid8, $2::bigint)
         AND transaction < pg_snapshot_xmin(pg_current_snapshot())
       ORDER BY transaction, row_number LIMIT 501) AS e ON true)sql"};

constexpr pg::Statement kFind{"event.find", R"sql(
  SELECT backbone.history(),
         EXISTS (SELECT FROM backbone.event
                  WHERE type <> '' AND transaction = $1::xid8 AND row_number = $2 AND id::text = $3))sql"};

constexpr pg::Statement kReadSubjectAfter{"event.read_subject_after", R"sql(
  SELECT h.history, e.transaction, e.row_number, e.id, e.type, e.subject, e.hall, e.actor, e.summary, e.time,
         (extract(epoch FROM clock_timestamp() - e.record_time) * 1000000)::bigint
    FROM (SELECT backbone.history() AS history OFFSET 0) AS h
    LEFT JOIN LATERAL (
      SELECT * FROM backbone.event
       WHERE subject = $3 AND subject <> '' AND (transaction, row_number) > ($1::xid8, $2::bigint)
         AND transaction < pg_snapshot_xmin(pg_current_snapshot())
       ORDER BY subject, transaction, row_number LIMIT 500) AS e ON true)sql"};

Position PositionOf(const pg::Row& row) { return {static_cast<std::uint64_t>(row.Int(1)), row.Int(2)}; }

// The rows of a reading statement from the `first` on.
std::vector<Entry> EntriesOf(const pg::Result& rows, int first) {
  std::vector<Entry> entries;
  for (int i = first; i < rows.size() && !rows[i].IsNull(1); ++i) {
    const pg::Row row = rows[i];
    entries.push_back({{row.Text(3), row.Text(4), row.Text(5), row.Text(6), row.Text(7), row.Text(8), row.Time(9)},
                       PositionOf(row),
                       absl::Microseconds(row.Int(10))});
  }
  return entries;
}

void MoveTo(const std::vector<Entry>& entries, Place* place) {
  if (entries.empty()) return;
  place->position = entries.back().position;
  place->event_id = entries.back().event.id;
}

}  // namespace

void Append(pg::Session& session, Event event) {
  if (event.id.empty()) event.id = identifiers::NewUuid(absl::Now());
  session.Queue(kInsert, event.id, event.type, event.subject, event.hall, event.actor, event.summary, event.time);
}

void QueueTurn(pg::Session& session, absl::string_view subject) { session.Queue(kTurn, subject); }

absl::StatusOr<Place> Latest(pg::Session& session) {
  XXT_ASSIGN_OR_RETURN(const pg::Result rows, session.Run(kLatest));
  Place place;
  place.history = rows[0].Text(0);
  if (!rows[0].IsNull(1)) {
    place.position = PositionOf(rows[0]);
    place.event_id = rows[0].Text(3);
  }
  return place;
}

absl::StatusOr<Place> Find(pg::Session& session, absl::string_view token) {
  if (token == kBeginning) {
    XXT_ASSIGN_OR_RETURN(const Place latest, Latest(session));
    return Place{latest.history, {}, ""};
  }
  const std::optional<Place> place = Place::Parse(token);
  if (!place.has_value()) return errors::ResumeTokenExpired();
  XXT_ASSIGN_OR_RETURN(const pg::Result rows,
                       session.Run(kFind, place->position.transaction, place->position.row, place->event_id));
  const bool is_there = place->AtBeginning() || rows[0].Bool(1);
  if (rows[0].View(0) != place->history || !is_there) return errors::ResumeTokenExpired();
  return *place;
}

absl::StatusOr<Batch> ReadAfter(pg::Session& session, const Place& from) {
  XXT_ASSIGN_OR_RETURN(const pg::Result rows, session.Run(kReadFrom, from.position.transaction, from.position.row));
  if (rows[0].View(0) != from.history ||
      (!from.AtBeginning() && (PositionOf(rows[0]) != from.position || rows[0].View(3) != from.event_id))) {
    return errors::ResumeTokenExpired();
  }
  Batch batch{EntriesOf(rows, from.AtBeginning() ? 0 : 1), from};
  if (batch.entries.size() > kBatch) batch.entries.pop_back();
  MoveTo(batch.entries, &batch.next);
  return batch;
}

absl::StatusOr<Batch> ReadSubjectAfter(pg::Session& session, const Place& from, absl::string_view subject) {
  // Before the reading, so that nothing lies between the two.
  XXT_ASSIGN_OR_RETURN(const Place latest, Latest(session));
  XXT_ASSIGN_OR_RETURN(const pg::Result rows,
                       session.Run(kReadSubjectAfter, from.position.transaction, from.position.row, subject));
  if (latest.history != from.history || rows[0].View(0) != from.history || latest.position < from.position) {
    return errors::ResumeTokenExpired();
  }
  Batch batch{EntriesOf(rows, 0), from};
  MoveTo(batch.entries, &batch.next);
  if (batch.entries.size() < kBatch && batch.next.position < latest.position) batch.next = latest;
  return batch;
}

}  // namespace xxt::events
