#include "services/notification/domain/message.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

#include "absl/strings/str_cat.h"

namespace xxt::notification {

absl::string_view NameOf(MessageState state) {
  constexpr std::array<absl::string_view, 6> kNames = {"SENDING",  "DELIVERED",   "HANDED_TO_STAFF",
                                                       "IN_DOUBT", "NOT_REACHED", "SUPPRESSED"};
  return kNames[static_cast<std::size_t>(state)];
}

bool IsTerminal(MessageState state) {
  return state == MessageState::kDelivered || state == MessageState::kNotReached || state == MessageState::kSuppressed;
}

std::string Message::name() const { return absl::StrCat("messages/", id); }

std::string Message::case_name() const { return absl::StrCat("cases/", case_id); }

const std::string& Message::WordsBy(Channel channel, absl::Time now) const {
  if (!IsByPerson(channel)) return sms_text;
  return now >= true_until ? late_text : call_text;
}

Delivery* Message::Find(absl::string_view delivery_id) {
  const auto found = std::find_if(deliveries.begin(), deliveries.end(),
                                  [delivery_id](const Delivery& delivery) { return delivery.id == delivery_id; });
  return found == deliveries.end() ? nullptr : &*found;
}

Channel FirstChannel(const Recipient& recipient) {
  return recipient.no_sms || !recipient.mobile ? Channel::kVoiceCall : Channel::kSms;
}

bool IsUntouched(const Delivery& delivery) {
  const bool unsent = delivery.state == DeliveryState::kCreated || delivery.state == DeliveryState::kSending;
  return unsent && !delivery.in_flight;
}

void TakeCorrection(Message& message) {
  if (!message.correction.has_value()) return;
  Correction right = *std::move(message.correction);
  message.correction.reset();
  message.recipient = std::move(right.recipient);
  message.sms_text = std::move(right.sms_text);
  message.call_text = std::move(right.call_text);
  message.late_text = std::move(right.late_text);
}

Delivery& AddDelivery(Message& message, std::string id, Channel channel, absl::Time now) {
  Delivery delivery;
  delivery.id = std::move(id);
  delivery.channel = channel;
  delivery.ordinal = static_cast<int>(message.deliveries.size()) + 1;
  delivery.create_time = now;
  delivery.update_time = now;
  message.deliveries.push_back(std::move(delivery));
  return message.deliveries.back();
}

}  // namespace xxt::notification
