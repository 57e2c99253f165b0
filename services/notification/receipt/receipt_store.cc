#include "services/notification/receipt/receipt_store.h"

#include <utility>

#include "common/status/macros.h"

namespace xxt::notification::receipt_store {
namespace {

constexpr pg::Statement kSelectCursor{"receipt.select_cursor", R"sql(
  SELECT epoch, seq FROM notification.receipt_cursors WHERE source = $1)sql"};

constexpr pg::Statement kSelect{"receipt.select", R"sql(
  SELECT coalesce(delivery_id::text, ''), reference FROM notification.receipts
   WHERE source = $1 AND epoch = $2 AND seq = $3)sql"};

constexpr pg::Statement kMoveCursor{"receipt.move_cursor", R"sql(
  INSERT INTO notification.receipt_cursors AS c (source, epoch, seq) VALUES ($1, $2, $3)
  ON CONFLICT (source) DO UPDATE SET epoch = excluded.epoch, seq = excluded.seq
   WHERE (c.epoch, c.seq) < (excluded.epoch, excluded.seq))sql"};

constexpr pg::Statement kInsert{"receipt.insert", R"sql(
  INSERT INTO notification.receipts (source, epoch, seq, delivery_id, reference, state, detail)
  VALUES ($1, $2, $3, NULLIF($4, '')::uuid, $5, $6, $7)
  ON CONFLICT (source, epoch, seq) DO NOTHING
  RETURNING 1)sql"};

}  // namespace

absl::StatusOr<Cursor> ReadCursor(pg::Session& session, absl::string_view source) {
  Cursor cursor;
  XXT_ASSIGN_OR_RETURN(const pg::Result rows, session.Run(kSelectCursor, source));
  if (rows.empty()) return cursor;
  cursor.epoch = static_cast<int>(rows[0].Int(0));
  cursor.seq = rows[0].Int(1);
  XXT_ASSIGN_OR_RETURN(cursor.last, Find(session, source, cursor.epoch, cursor.seq));
  return cursor;
}

absl::StatusOr<std::optional<Receipt>> Find(pg::Session& session, absl::string_view source, int epoch,
                                            std::int64_t seq) {
  XXT_ASSIGN_OR_RETURN(const pg::Result rows, session.Run(kSelect, source, epoch, seq));
  if (rows.empty()) return {std::nullopt};
  Receipt found;
  found.seq = seq;
  found.delivery_id = rows[0].Text(0);
  found.reference = rows[0].Text(1);
  return {std::move(found)};
}

void MoveCursor(pg::Session& session, absl::string_view source, int epoch, std::int64_t seq) {
  session.Queue(kMoveCursor, source, epoch, seq);
}

absl::StatusOr<bool> Insert(pg::Session& session, absl::string_view source, int epoch, const Receipt& receipt) {
  XXT_ASSIGN_OR_RETURN(const pg::Result inserted, session.Run(kInsert, source, epoch, receipt.seq, receipt.delivery_id,
                                                              receipt.reference, receipt.word, receipt.detail));
  return !inserted.empty();
}

}  // namespace xxt::notification::receipt_store
