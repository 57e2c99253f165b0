#include "services/notification/message/recipient.h"

#include <utility>

#include "absl/strings/strip.h"
#include "common/identifiers/phone_number.h"

namespace xxt::notification::message {

void FillIn(v1::Recipient* recipient) {
  if (recipient->language_code().empty()) recipient->set_language_code("zh-CN");
}

std::string NumberOf(const v1::Recipient& recipient) {
  const auto phone = identifiers::PhoneNumber::Parse(recipient.phone_number());
  return phone.ok() ? phone->value() : "";
}

bool IsSame(const v1::Recipient& one, const v1::Recipient& other) {
  return one.display_name() == other.display_name() && one.phone_number() == other.phone_number() &&
         one.no_sms() == other.no_sms() && one.language_code() == other.language_code() &&
         one.email() == other.email() && one.postal_address() == other.postal_address() &&
         one.preferred_channel() == other.preferred_channel() && one.hard_of_hearing() == other.hard_of_hearing() &&
         one.quiet_hours() == other.quiet_hours() && one.easy_reading() == other.easy_reading() &&
         one.wechat_open_id() == other.wechat_open_id() && one.district_account() == other.district_account();
}

void Mask(v1::Recipient* recipient) {
  const auto phone = identifiers::PhoneNumber::Parse(recipient->phone_number());
  if (phone.ok()) recipient->set_masked_phone_number(std::string(absl::StripPrefix(phone->Masked(), "+86")));
}

void TakeCorrection(v1::Message& message) {
  // Without its words, as when its key is missing, it says nothing: it waits for them.
  if (message.correction().recipient().display_name().empty()) return;
  v1::Correction right = std::move(*message.mutable_correction());
  message.clear_correction();
  *message.mutable_recipient() = std::move(*right.mutable_recipient());
  *message.mutable_words() = std::move(*right.mutable_words());
}

}  // namespace xxt::notification::message
