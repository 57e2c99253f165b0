#ifndef XXT_SERVICES_NOTIFICATION_STORAGE_RECEIPT_STORE_H_
#define XXT_SERVICES_NOTIFICATION_STORAGE_RECEIPT_STORE_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/pg/session.h"
#include "services/notification/domain/receipt.h"

// The inbox of receipts, and how far it was read.
namespace xxt::notification::receipt_store {

// The last receipt read from `source`; 0 if none was.
absl::StatusOr<std::int64_t> ReadCursor(pg::Session& session, absl::string_view source);

// Queues the move of the cursor; never back.
void MoveCursor(pg::Session& session, absl::string_view source, std::int64_t seq);

// Notes a receipt. False if it was noted before.
absl::StatusOr<bool> Insert(pg::Session& session, absl::string_view source, const Receipt& receipt);

}  // namespace xxt::notification::receipt_store

#endif  // XXT_SERVICES_NOTIFICATION_STORAGE_RECEIPT_STORE_H_
