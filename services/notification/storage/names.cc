#include "services/notification/storage/names.h"

#include <array>
#include <cstddef>

namespace xxt::notification {
namespace {

// The value among the first `count` that is spelled `name`.
template <typename Enum, typename NameFunction>
Enum EnumFrom(absl::string_view name, int count, NameFunction name_of) {
  for (int i = 0; i < count; ++i) {
    if (name_of(static_cast<Enum>(i)) == name) return static_cast<Enum>(i);
  }
  return static_cast<Enum>(0);
}

}  // namespace

absl::string_view StoredName(Channel channel) { return IsByPerson(channel) ? "PHONE" : "SMS"; }

absl::string_view StoredName(FailureKind failure) {
  constexpr std::array<absl::string_view, 4> kNames = {"", "TEMPORARY", "PERMANENT", "TECHNICAL"};
  return kNames[static_cast<std::size_t>(failure)];
}

MessageState MessageStateFrom(absl::string_view name) {
  return EnumFrom<MessageState>(name, 6, [](MessageState state) { return NameOf(state); });
}

DeliveryState DeliveryStateFrom(absl::string_view name) {
  return EnumFrom<DeliveryState>(name, 6, [](DeliveryState state) { return NameOf(state); });
}

FailureKind FailureFrom(absl::string_view name) {
  return EnumFrom<FailureKind>(name, 4, [](FailureKind failure) { return StoredName(failure); });
}

Channel ChannelFrom(absl::string_view name) { return name == "PHONE" ? Channel::kVoiceCall : Channel::kSms; }

}  // namespace xxt::notification
