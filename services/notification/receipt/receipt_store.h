#ifndef XXT_SERVICES_NOTIFICATION_RECEIPT_RECEIPT_STORE_H_
#define XXT_SERVICES_NOTIFICATION_RECEIPT_RECEIPT_STORE_H_

#include <cstdint>
#include <optional>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/pg/session.h"
#include "services/notification/channel/gateway_answers.h"

// What the gateway says became of messages, as it said it.
namespace xxt::notification::receipt_store {

// How far a gateway's receipts have been read.
struct Cursor {
  int epoch = 0;                // how often it began to count again
  std::int64_t seq = 0;         // the last number taken
  std::optional<Receipt> last;  // that receipt; unset: none was taken, or it is not kept any more
};

absl::StatusOr<Cursor> ReadCursor(pg::Session& session, absl::string_view source);

// The receipt with this number, as far as IsSame looks; nullopt if it is not
// kept.
absl::StatusOr<std::optional<Receipt>> Find(pg::Session& session, absl::string_view source, int epoch,
                                            std::int64_t seq);

// Queues the move of the cursor, never back.
void MoveCursor(pg::Session& session, absl::string_view source, int epoch, std::int64_t seq);

// Notes a receipt. False if it was noted before.
absl::StatusOr<bool> Insert(pg::Session& session, absl::string_view source, int epoch, const Receipt& receipt);

}  // namespace xxt::notification::receipt_store

#endif  // XXT_SERVICES_NOTIFICATION_RECEIPT_RECEIPT_STORE_H_
