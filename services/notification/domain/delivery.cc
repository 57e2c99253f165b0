#include "services/notification/domain/delivery.h"

#include <array>
#include <cstddef>

namespace xxt::notification {

absl::string_view NameOf(DeliveryState state) {
  constexpr std::array<absl::string_view, 6> kNames = {"CREATED",  "SENDING",   "ACCEPTED",
                                                       "IN_DOUBT", "DELIVERED", "FAILED"};
  return kNames[static_cast<std::size_t>(state)];
}

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
  return news > current ? Advance{news, true, false} : Advance{current, false, false};
}

bool IsByPerson(Channel channel) { return channel == Channel::kVoiceCall; }

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
      return NextStep::kCall;
  }
  return NextStep::kWait;
}

}  // namespace xxt::notification
