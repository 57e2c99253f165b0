#include "common/events/events.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "common/identifiers/uuid.h"
#include "common/pg/insert.h"
#include "common/status/errors.h"
#include "common/status/macros.h"

namespace xxt::events {
namespace {

const pg::Insert kInsert("event.insert", "backbone.event",
                         {{"id", "uuid"},
                          {"type", "text"},
                          {"subject", "text"},
                          {"hall", "text"},
                          {"actor", "text"},
                          {"summary", "text"},
                          {"time", "timestamptz"}});

// Everything below xmin has ended; what commits later has a larger id.
constexpr pg::Statement kCurrent{"event.current", "SELECT pg_snapshot_xmin(pg_current_snapshot())"};

constexpr pg::Statement kReadAfter{"event.read_after", R"sql(
  SELECT id, type, subject, hall, actor, summary, time, transaction, row_number FROM backbone.event
   WHERE (transaction, row_number) > ($1::xid8, $2::bigint) AND transaction < pg_snapshot_xmin(pg_current_snapshot())
     AND ($3 = '' OR hall = $3) AND ($4 = '' OR subject = $4)
   ORDER BY transaction, row_number LIMIT $5)sql"};

}  // namespace

void Append(pg::Session& session, Event event) {
  if (event.id.empty()) event.id = identifiers::NewUuid(absl::Now());
  session.Queue(kInsert, event.id, event.type, event.subject, event.hall, event.actor, event.summary, event.time);
}

std::string Position::ToToken() const { return absl::StrCat(transaction, "-", row); }

absl::StatusOr<Position> Position::FromToken(absl::string_view token) {
  if (token == "0") return Position{};
  const std::pair<absl::string_view, absl::string_view> parts = absl::StrSplit(token, absl::MaxSplits('-', 1));
  Position position;
  // A negative row is the watcher's own mark for "from now on": never a client's.
  if (!absl::SimpleAtoi(parts.first, &position.transaction) || !absl::SimpleAtoi(parts.second, &position.row) ||
      position.row < 0) {
    return errors::ResumeTokenExpired();
  }
  return position;
}

absl::StatusOr<Position> Current(pg::Session& session) {
  XXT_ASSIGN_OR_RETURN(const pg::Result rows, session.Run(kCurrent));
  Position position;
  // (xmin, 0) sorts before every row of transaction xmin itself.
  position.transaction = static_cast<std::uint64_t>(rows[0].Int(0));
  return position;
}

absl::StatusOr<Batch> ReadAfter(pg::Session& session, const Position& from, absl::string_view hall,
                                absl::string_view subject, int limit) {
  XXT_ASSIGN_OR_RETURN(const pg::Result rows,
                       session.Run(kReadAfter, from.transaction, from.row, hall, subject, limit));
  Batch batch;
  batch.next = from;
  for (int i = 0; i < rows.size(); ++i) {
    const pg::Row row = rows[i];
    batch.events.push_back({row.Text(0), row.Text(1), row.Text(2), row.Text(3), row.Text(4), row.Text(5), row.Time(6)});
    batch.next = {static_cast<std::uint64_t>(row.Int(7)), row.Int(8)};
  }
  return batch;
}

}  // namespace xxt::events
