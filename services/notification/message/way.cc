#include "services/notification/message/way.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/edge/sentinels.h"
#include "common/identifiers/phone_number.h"
#include "common/rpc/timestamp.h"
#include "common/status/errors.h"
#include "services/notification/message/words.h"

namespace xxt::notification::message {
namespace {

// The rules' numbers are the proto's.
static_assert(static_cast<int>(Way::kNone) == common::CHANNEL_UNSPECIFIED);
static_assert(static_cast<int>(Way::kCall) == common::CHANNEL_PHONE);
static_assert(static_cast<int>(Way::kSystem) == common::CHANNEL_WEB);
static_assert(static_cast<int>(Way::kWechat) == common::CHANNEL_WECHAT);
static_assert(static_cast<int>(Way::kText) == common::CHANNEL_SMS);
static_assert(static_cast<int>(Way::kEmail) == common::CHANNEL_EMAIL);
static_assert(static_cast<int>(Way::kLetter) == common::CHANNEL_POST);

// Where there is time for it.
Reachable ReachAtLeisure(const SendingPolicy& policy, const v1::Recipient& recipient) {
  const auto phone = identifiers::PhoneNumber::Parse(recipient.phone_number());
  return {.text = phone.ok() && phone->can_receive_sms() && !phone->is_short() && !recipient.no_sms(),
          .wechat = policy.sends_wechat && !recipient.wechat_open_id().empty() && !recipient.no_sms(),
          .system = policy.sends_webhook && !recipient.district_account().empty(),
          .email = policy.sends_email && !recipient.email().empty(),
          .call = phone.ok() && !recipient.hard_of_hearing(),
          .letter = !recipient.postal_address().empty()};
}

std::vector<Way> WaysOf(const SendingPolicy& policy, const v1::Message& message, absl::Time now) {
  const v1::Recipient& recipient = message.recipient();
  return WaysTo(ReachOf(policy, message, now), static_cast<Way>(recipient.preferred_channel()),
                message.urgent() || recipient.no_sms());
}

}  // namespace

Reachable ReachOf(const SendingPolicy& policy, const v1::Message& message, absl::Time now) {
  Reachable reach = ReachAtLeisure(policy, message.recipient());
  const absl::Time until = TrueUntil(message);
  const absl::Time begin = EarliestBy(policy, message, common::CHANNEL_EMAIL, now);
  reach.text = reach.text && EarliestBy(policy, message, common::CHANNEL_SMS, now) < until;
  const absl::Time by_day = EarliestBy(policy, message, common::CHANNEL_WECHAT, now);
  reach.wechat = reach.wechat && by_day < until;
  reach.system = reach.system && by_day < until;
  reach.email = reach.email && begin < until;
  reach.letter = reach.letter && begin + policy.letter_takes < until;
  return reach;
}

common::Channel FirstChannel(const SendingPolicy& policy, const v1::Message& message, absl::Time now) {
  return static_cast<common::Channel>(WaysOf(policy, message, now).front());
}

common::Channel NextChannel(const SendingPolicy& policy, const v1::Message& message, absl::Time now) {
  std::vector<Way> tried;
  for (const v1::Delivery& delivery : message.deliveries()) tried.push_back(static_cast<Way>(delivery.channel()));
  return static_cast<common::Channel>(NextWay(WaysOf(policy, message, now), tried, MayHaveArrived(message)));
}

absl::Time EarliestBy(const SendingPolicy& policy, const v1::Message& message, common::Channel channel, absl::Time t) {
  const absl::Time from = message.has_send_time() ? std::max(t, rpc::FromProto(message.send_time())) : t;
  // An e-mail wakes nobody, and people know when to ring up.
  if (channel == common::CHANNEL_EMAIL || IsByPerson(channel)) return from;
  QuietHours own;
  // "13-15", as the edge has checked it.
  const std::pair<std::string, std::string> hours = absl::StrSplit(message.recipient().quiet_hours(), '-');
  const bool said = absl::SimpleAtoi(hours.first, &own.from) && absl::SimpleAtoi(hours.second, &own.until);
  return EarliestSms(policy, message.urgent(), from, said ? own : QuietHours());
}

bool LeadsTo(const SendingPolicy& policy, const v1::Recipient& recipient, common::Channel channel) {
  const Reachable reach = ReachAtLeisure(policy, recipient);
  switch (static_cast<Way>(channel)) {
    case Way::kText:
      return reach.text;
    case Way::kWechat:
      return reach.wechat;
    case Way::kSystem:
      return reach.system;
    case Way::kEmail:
      return reach.email;
    case Way::kLetter:
      return reach.letter;
    case Way::kCall:
    case Way::kNone:
      break;
  }
  return channel == common::CHANNEL_PHONE;
}

std::string WhyByPerson(const SendingPolicy& policy, const v1::Message& message, common::Channel channel) {
  if (!IsByPerson(channel)) return "";
  const v1::Recipient& recipient = message.recipient();
  const bool letter = channel == common::CHANNEL_POST;
  if (recipient.preferred_channel() == channel)
    return letter ? "当事人希望收到信件，由窗口寄信告知" : "当事人希望接到电话，由窗口电话告知";
  if (letter) return "没有更快的联系方式，由窗口寄信告知";
  if (recipient.no_sms()) return "当事人不便看短信，由窗口电话告知";
  return ReachAtLeisure(policy, recipient).text ? "短信已赶不上期限，由窗口电话告知" : "没有可收短信的号码，由窗口告知";
}

absl::string_view TitleOf(common::Channel channel) {
  switch (static_cast<Way>(channel)) {
    case Way::kText:
      return "短信";
    case Way::kWechat:
      return "微信消息";
    case Way::kSystem:
      return "网上消息";
    case Way::kEmail:
      return "邮件";
    case Way::kCall:
      return "电话";
    case Way::kLetter:
      return "信件";
    case Way::kNone:
      break;
  }
  return "消息";
}

absl::Status CheckPreferred(const v1::Recipient& recipient, absl::string_view path) {
  switch (recipient.preferred_channel()) {
    case common::CHANNEL_UNSPECIFIED:
    case common::CHANNEL_PHONE:
    case common::CHANNEL_SMS:
    case common::CHANNEL_EMAIL:
    case common::CHANNEL_POST:
    case common::CHANNEL_WEB:
    case common::CHANNEL_WECHAT:
      return absl::OkStatus();
    case common::CHANNEL_WINDOW:
    case common::CHANNEL_VISIT:
    case common::CHANNEL_HOTLINE:
    case common::CHANNEL_COMMUNITY:
    case XXT_SENTINELS(common::Channel):
      break;
  }
  return errors::FieldInvalid(absl::StrCat(path, ".preferred_channel"), "只能是短信、微信、网上、邮件、电话或邮寄",
                              "must be SMS, WECHAT, WEB, EMAIL, PHONE or POST");
}

}  // namespace xxt::notification::message
