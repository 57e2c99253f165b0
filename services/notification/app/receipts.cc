#include "services/notification/app/receipts.h"

#include <cstdint>
#include <string>

#include "common/fault/crash_point.h"
#include "common/log/log.h"
#include "common/status/macros.h"
#include "services/notification/app/outcomes.h"
#include "services/notification/domain/message.h"
#include "services/notification/storage/message_store.h"
#include "services/notification/storage/receipt_store.h"

namespace xxt::notification::app {

absl::Status TakeReceipt(pg::Session& session, const SendingPolicy& policy, absl::string_view source,
                         const Receipt& receipt, absl::Time now) {
  receipt_store::MoveCursor(session, source, receipt.seq);
  XXT_ASSIGN_OR_RETURN(const bool is_new, receipt_store::Insert(session, source, receipt));
  XXT_CRASH_POINT("notification.receipt_inserted");
  if (!is_new || receipt.delivery_id.empty()) return absl::OkStatus();
  absl::StatusOr<Message> message = message_store::LoadForUpdateByDelivery(session, receipt.delivery_id);
  if (absl::IsNotFound(message.status())) return absl::OkStatus();
  if (!message.ok()) return message.status();
  News news;
  news.state = receipt.delivered ? DeliveryState::kDelivered : DeliveryState::kFailed;
  // A telephone that is off today may be on tomorrow; the number is not bad.
  news.failure = receipt.delivered ? FailureKind::kNone : FailureKind::kTemporary;
  news.detail = receipt.detail;
  Hear({session, policy, now, kSelf, ""}, *message, *message->Find(receipt.delivery_id), news);
  message_store::Save(session, *message);
  return absl::OkStatus();
}

absl::StatusOr<int> ReadReceipts(pg::Pool& pool, SmsGateway& gateway, const SendingPolicy& policy, const Clock& clock,
                                 SteadyTime deadline) {
  const std::string& source = gateway.receipts_url();
  std::int64_t cursor = 0;
  XXT_RETURN_IF_ERROR(pg::Read(pool, deadline, [&](pg::Session& session) -> absl::Status {
    XXT_ASSIGN_OR_RETURN(cursor, receipt_store::ReadCursor(session, source));
    return absl::OkStatus();
  }));
  XXT_ASSIGN_OR_RETURN(const ReceiptBatch batch, gateway.ReceiptsAfter(cursor, deadline));
  for (const Receipt& receipt : batch.receipts) {
    XXT_CRASH_POINT("notification.before_receipt");
    const absl::Time now = clock.Now();
    XXT_RETURN_IF_ERROR(pg::InTransaction(
        pool, deadline, [&](pg::Session& session) { return TakeReceipt(session, policy, source, receipt, now); }));
    XXT_CRASH_POINT("notification.receipt_taken");
  }
  return static_cast<int>(batch.receipts.size());
}

}  // namespace xxt::notification::app
