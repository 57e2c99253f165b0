#include "services/notification/receipt/receipt.h"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "common/edge/noun.h"
#include "common/events/events.h"
#include "common/fault/crash_point.h"
#include "common/log/log.h"
#include "services/notification/message/dead_task.h"
#include "services/notification/message/message.h"
#include "services/notification/message/outcomes.h"
#include "services/notification/receipt/receipt_payload.h"
#include "services/notification/receipt/receipt_store.h"
#include "services/notification/slices.h"

namespace xxt::notification {
namespace receipt {
namespace {

using message::News;
using receipt_store::Cursor;

constexpr int kPage = 200;

News NewsOf(const Receipt& receipt) {
  if (receipt.state == Receipt::State::kDelivered) return {DeliveryState::kDelivered, FailureKind::kNone, "", ""};
  // A telephone that is off today may be on tomorrow; the number is not bad.
  return {DeliveryState::kFailed, FailureKind::kTemporary, receipt.detail, ""};
}

// Stores what follows from a receipt. `own_kind`: of the task that does it.
absl::Status Follow(const SendingPolicy& policy, Tx& tx, const Receipt& receipt, absl::string_view own_kind) {
  const absl::StatusOr<std::string> name = message::flight::MessageOf(tx.session, receipt.delivery_id);
  if (absl::IsNotFound(name.status())) return absl::OkStatus();
  XXT_RETURN_IF_ERROR(name.status());
  XXT_ASSIGN_OR_RETURN(v1::Message found, message::Lock(tx, *name));
  v1::Delivery* delivery = message::Find(found, receipt.delivery_id);
  if (delivery == nullptr) return errors::Internal("messages.delivery");
  message::Hear({tx, policy, own_kind}, found, *delivery, NewsOf(receipt));
  message::Save(tx, found);
  return absl::OkStatus();
}

bool SaysNothing(const Receipt& receipt) {
  return receipt.delivery_id.empty() || receipt.state == Receipt::State::kUndecided;
}

// What follows from a receipt cannot be stored now: the message cannot be read.
absl::Status Postpone(pg::Session& session, const Receipt& receipt) {
  if (SaysNothing(receipt)) return absl::OkStatus();
  tasks::NewTask task;
  task.kind = message::kTakeReceiptKind;
  XXT_ASSIGN_OR_RETURN(task.subject, message::flight::MessageOf(session, receipt.delivery_id));
  task.payload = WritePayload(receipt);
  tasks::Enqueue(session, std::move(task));
  return absl::OkStatus();
}

// Not as the effect of the task, for it is tried again as long as the message cannot be read.
tasks::Verdict HandlePostponed(const Parts& parts, const tasks::Task& task, SteadyTime deadline) {
  const absl::StatusOr<Receipt> receipt = ReadPayload(task.payload);
  if (!receipt.ok()) return tasks::Verdict::Dead("the payload cannot be read");
  const absl::Status stored = pg::InTransaction(parts.pool, deadline, [&](pg::Session& session) {
    return edge::AsService(parts.host, session,
                           [&](Tx& tx) { return Follow(parts.policy, tx, *receipt, message::kTakeReceiptKind); });
  });
  // A twin of this attempt finds that the news is known.
  return stored.ok() ? tasks::Verdict::Done() : tasks::Verdict::Retry("the message cannot be read");
}

// One reading of a gateway's receipts.
class Reading {
 public:
  Reading(const Parts& parts, SteadyTime deadline) : parts_(parts), deadline_(deadline) {}

  absl::StatusOr<int> Run() {
    XXT_RETURN_IF_ERROR(pg::Read(parts_.pool, deadline_, [&](pg::Session& session) -> absl::Status {
      XXT_ASSIGN_OR_RETURN(cursor_, receipt_store::ReadCursor(session, source_));
      return absl::OkStatus();
    }));
    XXT_ASSIGN_OR_RETURN(const ReceiptPage next, NextPage());
    const std::vector<Receipt>& page = next.receipts;
    XXT_ASSIGN_OR_RETURN(const bool anew, CountsAnew(page));
    if (anew) {
      log::Warning("receipts.numbers_start_again", {{"last", cursor_.seq}});
      XXT_RETURN_IF_ERROR(MoveCursor(cursor_.epoch + 1, 0));
      return 1;
    }
    if (page.empty() || page.back().seq <= cursor_.seq) {
      if (next.cut) return absl::UnavailableError("the gateway's next receipt does not come in whole");
      return 0;
    }
    if (XXT_PLANTED_BUG("receipt_cursor_first")) XXT_RETURN_IF_ERROR(MoveCursor(cursor_.epoch, page.back().seq));
    int taken = 0;
    for (const Receipt& receipt : page) {
      if (receipt.seq <= cursor_.seq) continue;
      XXT_RETURN_IF_ERROR(Take(receipt));
      XXT_CRASH_POINT("notification.receipt_taken");
      ++taken;
    }
    XXT_RETURN_IF_ERROR(MoveCursor(cursor_.epoch, page.back().seq));
    return taken;
  }

 private:
  // With the last receipt taken before it, if there is one.
  absl::StatusOr<ReceiptPage> NextPage() {
    return parts_.gateway.ReceiptsAfter(cursor_.last.has_value() ? cursor_.seq - 1 : cursor_.seq, kPage, deadline_);
  }

  absl::StatusOr<bool> CountsAnew(const std::vector<Receipt>& page) {
    if (!cursor_.last.has_value() || (!page.empty() && IsSame(page.front(), *cursor_.last))) return false;
    // Gone, or another one. The gateway may have dropped what is old, or a
    // replica of it may lag: its first receipt decides.
    XXT_ASSIGN_OR_RETURN(const ReceiptPage first, parts_.gateway.ReceiptsAfter(0, 1, deadline_));
    const std::vector<Receipt>& head = first.receipts;
    if (head.empty() || head.front().seq > cursor_.seq) return false;
    std::optional<Receipt> known;
    XXT_RETURN_IF_ERROR(pg::Read(parts_.pool, deadline_, [&](pg::Session& session) -> absl::Status {
      XXT_ASSIGN_OR_RETURN(known, receipt_store::Find(session, source_, cursor_.epoch, head.front().seq));
      return absl::OkStatus();
    }));
    return !known.has_value() || !IsSame(*known, head.front());
  }

  absl::Status Take(const Receipt& receipt) {
    XXT_CRASH_POINT("notification.before_receipt");
    const absl::Status taken = pg::InTransaction(parts_.pool, deadline_, [&](pg::Session& session) -> absl::Status {
      if (!SaysNothing(receipt)) {
        // Before the receipt is written, as all do who change something.
        const absl::StatusOr<std::string> name = message::flight::MessageOf(session, receipt.delivery_id);
        if (name.ok()) events::QueueTurn(session, *name);
      }
      XXT_ASSIGN_OR_RETURN(const bool is_new, receipt_store::Insert(session, source_, cursor_.epoch, receipt));
      XXT_CRASH_POINT("notification.receipt_inserted");
      if (!is_new || SaysNothing(receipt)) return absl::OkStatus();
      return edge::AsService(parts_.host, session,
                             [&](Tx& tx) { return Follow(parts_.policy, tx, receipt, /*own_kind=*/""); });
    });
    if (!absl::IsInternal(taken)) return taken;
    log::Error("receipts.postponed", {{"delivery", receipt.delivery_id}, {"status", taken}});
    const absl::Status kept = pg::InTransaction(parts_.pool, deadline_, [&](pg::Session& session) -> absl::Status {
      XXT_ASSIGN_OR_RETURN(const bool is_new, receipt_store::Insert(session, source_, cursor_.epoch, receipt));
      return is_new ? Postpone(session, receipt) : absl::OkStatus();
    });
    if (!absl::IsInternal(kept)) return kept;
    // What PostgreSQL does not take is in nobody's way.
    log::Error("receipts.refused", {{"delivery", receipt.delivery_id}, {"seq", receipt.seq}, {"status", kept}});
    return absl::OkStatus();
  }

  absl::Status MoveCursor(int epoch, std::int64_t seq) {
    XXT_CRASH_POINT("notification.before_receipt_cursor");
    return pg::InTransaction(parts_.pool, deadline_, [&](pg::Session& session) {
      receipt_store::MoveCursor(session, source_, epoch, seq);
      return absl::OkStatus();
    });
  }

  const Parts& parts_;
  const SteadyTime deadline_;
  const std::string& source_ = parts_.gateway.receipts_url();
  Cursor cursor_;
};

// Follows a receipt whose message could not be read when it came.
tasks::MachineKind TakeReceiptKind(const Parts& parts) {
  tasks::MachineKind kind;
  kind.name = message::kTakeReceiptKind;
  kind.handle = [parts](const tasks::Task& task, SteadyTime deadline) {
    return HandlePostponed(parts, task, deadline);
  };
  kind.on_dead = edge::WhenDead(parts.host, message::ShowDead);
  return kind;
}

}  // namespace

absl::StatusOr<int> Read(const Parts& parts, SteadyTime deadline) { return Reading(parts, deadline).Run(); }

}  // namespace receipt

edge::Slice ReceiptSlice(const receipt::Parts& parts) { return {{receipt::TakeReceiptKind(parts)}, {}, {}}; }

}  // namespace xxt::notification
