#include "common/events/sealing.h"

#include <algorithm>
#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/fault/crash_point.h"
#include "common/status/macros.h"

namespace xxt::events {
namespace {

// Before the block is read, so that what another one has sealed is seen.
constexpr pg::Statement kTurn{"event_seal.turn",
                              "SELECT pg_try_advisory_xact_lock(hashtextextended('backbone.event_seal', 0))"};

constexpr pg::Statement kUnsealedFor{"event_seal.unsealed_for", R"sql(
  SELECT (extract(epoch FROM clock_timestamp() - e.record_time) * 1000000)::bigint
    FROM (SELECT coalesce(max(last_transaction::text), '0')::xid8 AS transaction, coalesce(max(last_row), 0) AS row
            FROM (SELECT last_transaction, last_row FROM backbone.event_seal ORDER BY number DESC LIMIT 1) AS last) AS h
   CROSS JOIN LATERAL (
      SELECT record_time FROM backbone.event
       WHERE type <> '' AND (transaction, row_number) > (h.transaction, h.row)
         AND transaction < pg_snapshot_xmin(pg_current_snapshot())
       ORDER BY transaction, row_number LIMIT 1) AS e)sql"};

// Answers nothing if there is nothing to be sealed. `replaced`: $1 has sealed, and is not the last one that did.
constexpr pg::Statement kNext{"event_seal.next", R"sql(
  SELECT h.number, h.hash, h.seal_time, h.replaced, clock_timestamp(), e.transaction, e.row_number, e.id, e.type,
         e.subject, e.hall, e.actor, e.summary, e.time, e.record_time
    FROM (SELECT max(number) AS number, decode(max(encode(hash, 'hex')), 'hex') AS hash, max(seal_time) AS seal_time,
                 coalesce(max(last_transaction::text), '0')::xid8 AS transaction, coalesce(max(last_row), 0) AS row,
                 max(key_id) <> $1 AND EXISTS (SELECT FROM backbone.event_seal WHERE key_id = $1) AS replaced
            FROM (SELECT * FROM backbone.event_seal ORDER BY number DESC LIMIT 1) AS last) AS h
   CROSS JOIN LATERAL (
      SELECT * FROM backbone.event
       WHERE type <> '' AND (transaction, row_number) > (h.transaction, h.row)
         AND transaction < pg_snapshot_xmin(pg_current_snapshot())
       ORDER BY transaction, row_number LIMIT 500) AS e)sql"};

constexpr pg::Statement kInsert{"event_seal.insert", R"sql(
  INSERT INTO backbone.event_seal (number, seal_time, previous_time, previous_hash, oldest_time, key_id, leaves, hash,
                                   mac, last_transaction, last_row)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10::xid8, $11))sql"};

Record RecordOf(const pg::Row& row) {
  return {{row.Text(7), row.Text(8), row.Text(9), row.Text(10), row.Text(11), row.Text(12), row.Time(13)},
          {static_cast<std::uint64_t>(row.Int(5)), row.Int(6)},
          row.Time(14)};
}

Block BlockOf(const pg::Result& rows, const seal::Keyring& keys) {
  Block block;
  const bool first = rows[0].IsNull(0);
  block.number = first ? 1 : rows[0].Int(0) + 1;
  block.seal_time = rows[0].Time(4);
  block.previous_time = first ? absl::UnixEpoch() : rows[0].Time(2);
  block.previous_hash = first ? std::string(kHash, '\0') : rows[0].Bytes(1);
  block.oldest_time = rows[0].Time(14);
  block.key = keys.active();
  for (int i = 0; i < rows.size(); ++i) {
    const Record record = RecordOf(rows[i]);
    block.oldest_time = std::min(block.oldest_time, record.record_time);
    block.leaves += LeafOf(record);
  }
  block.hash = HashOf(block);
  block.mac = MacOf(block, keys);
  return block;
}

}  // namespace

absl::StatusOr<absl::Duration> UnsealedFor(pg::Session& session) {
  XXT_ASSIGN_OR_RETURN(const pg::Result rows, session.Run(kUnsealedFor));
  return rows.empty() ? absl::ZeroDuration() : absl::Microseconds(rows[0].Int(0));
}

absl::StatusOr<std::optional<Block>> SealNext(pg::Session& session, const seal::Keyring& keys) {
  const seal::Keyring now = keys.Fixed();
  XXT_ASSIGN_OR_RETURN(const pg::Result turn, session.Run(kTurn));
  if (!turn[0].Bool(0)) return std::nullopt;
  XXT_ASSIGN_OR_RETURN(const pg::Result rows, session.Run(kNext, static_cast<std::int64_t>(now.active())));
  if (rows.empty()) return std::nullopt;
  if (rows[0].Bool(3)) {
    return absl::FailedPreconditionError(
        absl::StrCat("key ", now.active(), ", the first of seal.key_file, was replaced by another one before"));
  }
  Block block = BlockOf(rows, now);
  XXT_CRASH_POINT("events.before_seal");
  const pg::Row last = rows[rows.size() - 1];
  session.Queue(kInsert, block.number, block.seal_time, block.previous_time, pg::Param::Bytes(block.previous_hash),
                block.oldest_time, static_cast<std::int64_t>(block.key), pg::Param::Bytes(block.leaves),
                pg::Param::Bytes(block.hash), pg::Param::Bytes(block.mac), last.Text(5), last.Int(6));
  return block;
}

}  // namespace xxt::events
