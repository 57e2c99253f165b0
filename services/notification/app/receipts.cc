#include "services/notification/app/receipts.h"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/fault/crash_point.h"
#include "common/log/log.h"
#include "common/pg/session.h"
#include "common/status/macros.h"
#include "services/notification/app/desk_tasks.h"
#include "services/notification/app/outcomes.h"
#include "services/notification/domain/message.h"
#include "services/notification/domain/receipt.h"
#include "services/notification/storage/message_store.h"
#include "services/notification/storage/receipt_store.h"

namespace xxt::notification::app {
namespace {

using receipt_store::Cursor;

constexpr int kPage = 200;

News NewsOf(const Receipt& receipt) {
  if (receipt.state == Receipt::State::kDelivered) return {DeliveryState::kDelivered, FailureKind::kNone, "", ""};
  // A telephone that is off today may be on tomorrow; the number is not bad.
  return {DeliveryState::kFailed, FailureKind::kTemporary, receipt.detail, ""};
}

// Stores what follows from a receipt.
absl::Status Follow(const Context& context, const std::string& delivery_id, const News& news) {
  absl::StatusOr<Message> message = message_store::LoadForUpdateByDelivery(context.session, delivery_id);
  if (absl::IsNotFound(message.status())) return absl::OkStatus();
  if (!message.ok()) return message.status();
  Hear(context, *message, *message->Find(delivery_id), news);
  message_store::Save(context.session, *message);
  return absl::OkStatus();
}

bool SaysNothing(const Receipt& receipt) {
  return receipt.delivery_id.empty() || receipt.state == Receipt::State::kUndecided;
}

// What follows from a receipt cannot be stored now: the message cannot be read.
absl::Status Postpone(pg::Session& session, const Receipt& receipt) {
  if (SaysNothing(receipt)) return absl::OkStatus();
  XXT_ASSIGN_OR_RETURN(const std::string message, message_store::IdByDelivery(session, receipt.delivery_id));
  tasks::NewTask task;
  task.kind = kTakeReceiptKind;
  task.subject = absl::StrCat("messages/", message);
  task.payload = receipt_store::WritePayload(receipt);
  tasks::Enqueue(session, std::move(task));
  return absl::OkStatus();
}

tasks::Verdict HandlePostponed(pg::Pool& pool, const SendingPolicy& policy, const Clock& clock, const tasks::Task& task,
                               SteadyTime deadline) {
  const absl::StatusOr<Receipt> receipt = receipt_store::ReadPayload(task.payload);
  if (!receipt.ok()) return tasks::Verdict::Dead("the payload cannot be read");
  const absl::Time now = clock.Now();
  const absl::Status stored = pg::InTransaction(pool, deadline, [&](pg::Session& session) {
    return Follow({session, policy, now, kSelf, kTakeReceiptKind}, receipt->delivery_id, NewsOf(*receipt));
  });
  // A twin of this attempt finds that the news is known.
  return stored.ok() ? tasks::Verdict::Done() : tasks::Verdict::Retry("the message cannot be read");
}

// One reading of a gateway's receipts.
class Reading {
 public:
  Reading(pg::Pool& pool, SmsGateway& gateway, const SendingPolicy& policy, const Clock& clock, SteadyTime deadline)
      : pool_(pool), gateway_(gateway), policy_(policy), clock_(clock), deadline_(deadline) {}

  absl::StatusOr<int> Run() {
    XXT_RETURN_IF_ERROR(pg::Read(pool_, deadline_, [&](pg::Session& session) -> absl::Status {
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
    return gateway_.ReceiptsAfter(cursor_.last.has_value() ? cursor_.seq - 1 : cursor_.seq, kPage, deadline_);
  }

  absl::StatusOr<bool> CountsAnew(const std::vector<Receipt>& page) {
    if (!cursor_.last.has_value() || (!page.empty() && IsSame(page.front(), *cursor_.last))) return false;
    // Gone, or another one. The gateway may have dropped what is old, or a
    // replica of it may lag: its first receipt decides.
    XXT_ASSIGN_OR_RETURN(const ReceiptPage first, gateway_.ReceiptsAfter(0, 1, deadline_));
    const std::vector<Receipt>& head = first.receipts;
    if (head.empty() || head.front().seq > cursor_.seq) return false;
    std::optional<Receipt> known;
    XXT_RETURN_IF_ERROR(pg::Read(pool_, deadline_, [&](pg::Session& session) -> absl::Status {
      XXT_ASSIGN_OR_RETURN(known, receipt_store::Find(session, source_, cursor_.epoch, head.front().seq));
      return absl::OkStatus();
    }));
    return !known.has_value() || !IsSame(*known, head.front());
  }

  absl::Status Take(const Receipt& receipt) {
    XXT_CRASH_POINT("notification.before_receipt");
    const absl::Time now = clock_.Now();
    const absl::Status taken = pg::InTransaction(pool_, deadline_, [&](pg::Session& session) -> absl::Status {
      XXT_ASSIGN_OR_RETURN(const bool is_new, receipt_store::Insert(session, source_, cursor_.epoch, receipt));
      XXT_CRASH_POINT("notification.receipt_inserted");
      if (!is_new || SaysNothing(receipt)) return absl::OkStatus();
      return Follow({session, policy_, now, kSelf, ""}, receipt.delivery_id, NewsOf(receipt));
    });
    if (!absl::IsInternal(taken)) return taken;
    log::Error("receipts.postponed", {{"delivery", receipt.delivery_id}, {"status", taken}});
    const absl::Status kept = pg::InTransaction(pool_, deadline_, [&](pg::Session& session) -> absl::Status {
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
    return pg::InTransaction(pool_, deadline_, [&](pg::Session& session) {
      receipt_store::MoveCursor(session, source_, epoch, seq);
      return absl::OkStatus();
    });
  }

  pg::Pool& pool_;
  SmsGateway& gateway_;
  const SendingPolicy& policy_;
  const Clock& clock_;
  const SteadyTime deadline_;
  const std::string& source_ = gateway_.receipts_url();
  Cursor cursor_;
};

}  // namespace

tasks::MachineKind TakeReceiptKind(pg::Pool& pool, const SendingPolicy& policy, const Clock& clock) {
  tasks::MachineKind kind;
  kind.name = kTakeReceiptKind;
  kind.handle = [&pool, &policy, &clock](const tasks::Task& task, SteadyTime deadline) {
    return HandlePostponed(pool, policy, clock, task, deadline);
  };
  kind.on_dead = [](pg::Session& session, const tasks::Task& task, absl::string_view) {
    return ShowDeadTask(session, task);
  };
  return kind;
}

absl::StatusOr<int> ReadReceipts(pg::Pool& pool, SmsGateway& gateway, const SendingPolicy& policy, const Clock& clock,
                                 SteadyTime deadline) {
  return Reading(pool, gateway, policy, clock, deadline).Run();
}

}  // namespace xxt::notification::app
