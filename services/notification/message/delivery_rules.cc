#include "services/notification/message/delivery_rules.h"

namespace xxt::notification {

bool IsTerminal(DeliveryState state) { return state == DeliveryState::kDelivered || state == DeliveryState::kFailed; }

Advance Join(DeliveryState current, DeliveryState news) {
  if (news == current) return {current, false, false};
  if (current == DeliveryState::kFailed && news == DeliveryState::kDelivered) return {news, true, true};
  if (IsTerminal(current)) return {current, false, IsTerminal(news)};
  if (IsTerminal(news)) return {news, true, false};
  if (current == DeliveryState::kInDoubt) return {current, false, false};
  if (news == DeliveryState::kInDoubt) {
    const bool enters = current == DeliveryState::kSending;
    return {enters ? news : current, enters, false};
  }
  // Created, sending and accepted are in the order of their numbers.
  return news > current ? Advance{news, true, false} : Advance{current, false, false};
}

NextStep StepAfter(DeliveryState state, bool gives_receipts, absl::Time receipt_due, absl::Time now) {
  switch (state) {
    case DeliveryState::kCreated:
    case DeliveryState::kSending:
      return NextStep::kWait;
    case DeliveryState::kAccepted:
      if (!gives_receipts) return NextStep::kDone;
      return now >= receipt_due ? NextStep::kShowDoubt : NextStep::kAwaitReceipt;
    case DeliveryState::kInDoubt:
      return NextStep::kShowDoubt;
    case DeliveryState::kDelivered:
      return NextStep::kDone;
    case DeliveryState::kFailed:
      return NextStep::kGoOn;
  }
  return NextStep::kWait;
}

}  // namespace xxt::notification
