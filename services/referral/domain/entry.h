#ifndef XXT_SERVICES_REFERRAL_DOMAIN_ENTRY_H_
#define XXT_SERVICES_REFERRAL_DOMAIN_ENTRY_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "services/referral/domain/attachment.h"
#include "services/referral/domain/body.h"
#include "services/referral/domain/names.h"

namespace xxt::referral {

// A try to reach the body.
struct Attempt {
  enum class Result { kReached, kNoAnswer, kBusy, kWrongNumber };
  Channel channel = Channel::kPhone;
  Result result = Result::kReached;
  std::string unit;
  std::string person;
  std::string summary;
};
template <>
inline constexpr std::array<absl::string_view, 4> kNames<Attempt::Result> = {"REACHED", "NO_ANSWER", "BUSY",
                                                                             "WRONG_NUMBER"};

// Passed on inside the body (科室转接).
struct Hop {
  std::string from_unit;
  std::string to_unit;
  std::string person;
  std::string extension;
  std::string outcome;
};

// What somebody said, true or not.
struct Claim {
  std::string said_by;
  std::string said_to;
  std::string text;
};

// What a claim was worth.
struct ClaimVerdict {
  enum class Kind { kConfirmed, kRefuted, kConditional };
  std::string claim;  // resource name of the entry
  Kind kind = Kind::kConfirmed;
  std::string basis;
  std::string rule_note;
};
template <>
inline constexpr std::array<absl::string_view, 3> kNames<ClaimVerdict::Kind> = {"CONFIRMED", "REFUTED", "CONDITIONAL"};

// What was found.
struct Finding {
  std::string reference_number;
  std::string holder_unit;
  std::string text;
};

// A mail that went out or came in.
struct Mail {
  enum class Direction { kOut, kReminder, kIn };
  enum class State { kAccepted, kRefused, kInDoubt };
  Direction direction = Direction::kOut;
  State state = State::kAccepted;
  std::string message_id;
  std::string subject;
  std::string text;
  std::string address;
  std::vector<Attachment> attachments;  // what is in them: attachment_store
  // Of a bounce: the mail of ours that came back (resource name), and why.
  std::string bounced_mail;
  std::string bounce_status;
};
template <>
inline constexpr std::array<absl::string_view, 3> kNames<Mail::Direction> = {"OUT", "REMINDER", "IN"};
template <>
inline constexpr std::array<absl::string_view, 3> kNames<Mail::State> = {"ACCEPTED", "REFUSED", "IN_DOUBT"};

// What the body said, as an officer read or heard it.
struct Reply {
  enum class Kind { kAcknowledged, kPassedOn, kNeedsInput, kAnswered, kNotHeld, kRedirected, kDeclined };
  Kind kind = Kind::kAcknowledged;
  Channel channel = Channel::kPhone;
  std::string reason;
  std::optional<Hop> hop;
  std::optional<Finding> finding;
  std::string mail;  // resource name of the entry
};
template <>
inline constexpr std::array<absl::string_view, 7> kNames<Reply::Kind> = {
    "ACKNOWLEDGED", "PASSED_ON", "NEEDS_INPUT", "ANSWERED", "NOT_HELD", "REDIRECTED", "DECLINED"};

using EntryContent = std::variant<Attempt, Hop, Claim, ClaimVerdict, Finding, Mail, Reply>;

// One line in the ledger of a chase. Written once, never changed.
struct Entry {
  std::string id;           // UUID
  std::string referral_id;  // UUID
  EntryContent content;
  absl::Time occur_time;
  absl::Time record_time;
  std::string author;           // "staff/wang" or "services/referral"
  std::int64_t row_number = 0;  // made by the database: the order of writing

  std::string name() const { return "referrals/" + referral_id + "/entries/" + id; }
};

}  // namespace xxt::referral

#endif  // XXT_SERVICES_REFERRAL_DOMAIN_ENTRY_H_
