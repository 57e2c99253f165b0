#include "services/notification/storage/receipt_store.h"

#include "common/status/macros.h"

namespace xxt::notification::receipt_store {
namespace {

constexpr pg::Statement kSelectCursor{"receipt.select_cursor", R"sql(
  SELECT seq FROM notification.receipt_cursors WHERE source = $1)sql"};

constexpr pg::Statement kMoveCursor{"receipt.move_cursor", R"sql(
  INSERT INTO notification.receipt_cursors AS c (source, seq) VALUES ($1, $2)
  ON CONFLICT (source) DO UPDATE SET seq = greatest(c.seq, excluded.seq))sql"};

constexpr pg::Statement kInsert{"receipt.insert", R"sql(
  INSERT INTO notification.receipts (source, seq, delivery_id, state, detail)
  VALUES ($1, $2, NULLIF($3, '')::uuid, $4, $5)
  ON CONFLICT (source, seq) DO NOTHING
  RETURNING 1)sql"};

}  // namespace

absl::StatusOr<std::int64_t> ReadCursor(pg::Session& session, absl::string_view source) {
  XXT_ASSIGN_OR_RETURN(const pg::Result rows, session.Run(kSelectCursor, source));
  return rows.empty() ? 0 : rows[0].Int(0);
}

void MoveCursor(pg::Session& session, absl::string_view source, std::int64_t seq) {
  session.Queue(kMoveCursor, source, seq);
}

absl::StatusOr<bool> Insert(pg::Session& session, absl::string_view source, const Receipt& receipt) {
  XXT_ASSIGN_OR_RETURN(const pg::Result inserted,
                       session.Run(kInsert, source, receipt.seq, receipt.delivery_id,
                                   receipt.delivered ? "DELIVERED" : "FAILED", receipt.detail));
  return !inserted.empty();
}

}  // namespace xxt::notification::receipt_store
