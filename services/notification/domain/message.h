#ifndef XXT_SERVICES_NOTIFICATION_DOMAIN_MESSAGE_H_
#define XXT_SERVICES_NOTIFICATION_DOMAIN_MESSAGE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "services/notification/domain/delivery.h"
#include "services/notification/domain/template_text.h"

namespace xxt::notification {

// One thing to tell one person, and what became of it.

// Where a message stands.
enum class MessageState {
  kSending,        // on its way
  kDelivered,      // on the telephone, or told by a person
  kHandedToStaff,  // no channel worked; a person has a task to call
  kInDoubt,        // perhaps sent, perhaps not; a person decides
  kNotReached,     // people called and reached nobody
  kSuppressed,     // not sent, for the reason in state_reason
};

// "SENDING", "DELIVERED", ...
absl::string_view NameOf(MessageState state);

// True for the states that nothing but a late receipt may change.
bool IsTerminal(MessageState state);

// How a person is reached. Personal data.
struct Recipient {
  std::string display_name;
  std::string phone_number;         // as dialled, "+8613800000001"; empty: none
  std::string extension;            // digits to dial once connected; empty: none
  std::string masked_phone_number;  // "138****0001"
  bool mobile = false;              // the number can receive text messages
  bool no_sms = false;              // cannot read them
  std::string language_code = "zh-CN";
  std::int64_t revision = 0;  // how often the person's data had been corrected

  friend bool operator==(const Recipient&, const Recipient&) = default;
};

// One try through one channel, as it is stored.
struct Delivery {
  std::string id;  // UUID; the idempotency key at the gateway
  Channel channel = Channel::kSms;
  int ordinal = 1;  // place among the message's deliveries, from 1
  DeliveryState state = DeliveryState::kCreated;
  FailureKind failure = FailureKind::kNone;
  std::string detail;  // in words, without personal data
  std::string provider_reference;
  int attempt_count = 0;
  // The gateway may have it without our knowing. Set before it is touched, and
  // cleared by its word only.
  bool in_flight = false;
  // How long already, by the database's clock. Not stored: read.
  absl::Duration in_flight_for;
  absl::Time create_time;
  absl::Time update_time;
};

// Whom a message is for after a correction, and the words made for them.
struct Correction {
  Recipient recipient;
  std::string sms_text;
  std::string call_text;
  std::string late_text;
};

struct Message {
  std::string id;        // UUID
  std::string event;     // "cases/{case}#received"
  std::string audience;  // "cases/{case}/parties/{party}"
  std::string case_id;
  std::string hall;           // "halls/110102016"
  std::string topic;          // the fact that the words tell, "last-day.{referral}"; empty: none that changes
  std::int64_t revision = 0;  // of that fact
  bool overtaken = false;     // there is a message of a later revision: these words are told no more
  Recipient recipient;
  std::optional<Correction> correction;  // not taken yet: the current delivery may have reached the recipient
  std::string template_id;
  int template_version = 0;
  Parameters parameters;
  std::string sms_text;  // the words of each way to tell them
  std::string call_text;
  std::string late_text;                           // on the telephone, from true_until on
  absl::Time true_until = absl::InfiniteFuture();  // from here on sms_text and call_text are not true
  std::string headline;                            // one line for officers, zh-CN, without personal data
  bool urgent = false;
  MessageState state = MessageState::kSending;
  std::string state_reason;
  std::vector<Delivery> deliveries;  // oldest first
  int report_count = 0;              // how often the case was told of it
  absl::Time create_time;
  absl::Time update_time;

  std::string name() const;       // "messages/{uuid}"
  std::string case_name() const;  // "cases/{uuid}"

  // The delivery that counts: the last one. There always is one.
  const Delivery& current() const { return deliveries.back(); }
  Delivery& current() { return deliveries.back(); }
  // The words as they are told by `channel` at `now`.
  const std::string& WordsBy(Channel channel, absl::Time now) const;
  // The delivery with this id; nullptr if it is another message's.
  Delivery* Find(absl::string_view delivery_id);
};

// Picks the first channel: a text message, unless the person cannot read or
// receive one.
Channel FirstChannel(const Recipient& recipient);

// True while nobody outside can have it: to whom it goes, and whether, may still change.
bool IsUntouched(const Delivery& delivery);

// Puts the correction in the place of the recipient and the words, if there is one.
void TakeCorrection(Message& message);

// Adds a delivery that was not tried yet and returns it.
Delivery& AddDelivery(Message& message, std::string id, Channel channel, absl::Time now);

}  // namespace xxt::notification

#endif  // XXT_SERVICES_NOTIFICATION_DOMAIN_MESSAGE_H_
